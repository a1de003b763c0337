"""Browsers for tests of pages: `wang = signed_in(cast.wang_account)`, `wang.post(url, basket(page, buy, rice=2))`."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from baogong.groupbuy.baskets import input_names
from baogong.groupbuy.models import Order, Round
from baogong.groupbuy.round_view import offers_of
from baogong.people.models import Account


def signed_in(account: Account | None = None, *, language: str = "en", role: str = "") -> Client:
    """A browser of that account in its first role, or in `role`; of a stranger without one."""
    client = Client(headers={"Accept-Language": language})
    if account:
        client.force_login(account)
        session = client.session
        session["role"] = role or account.grants.order_by("since", "pk").values_list("role", flat=True)[0]
        session.save()
    return client


def round_url(buy: Round, **query: object) -> str:
    return reverse("groupbuy:round", args=[buy.pk]) + (f"?{urlencode(query)}" if query else "")


def order_url(some: Order, name: str = "order") -> str:
    return reverse(f"groupbuy:{name}", args=[some.pk])


def names(buy: Round) -> dict[str, str]:
    """The names of the page's inputs by sku."""
    return {offer.sku: name for name, offer in input_names(offers_of(buy)).items()}


def form_key(page) -> str:
    found = re.search(r'name="idempotency_key" value="([^"]+)"', page.content.decode())
    assert found, "the page has no form"
    return found[1]


def basket(page, buy: Round, **quantities: int | str) -> dict[str, object]:
    """What a browser sends from `page`: the form's key and a number for each offer."""
    sent = {name: quantities.get(sku, 0) for sku, name in names(buy).items()}
    return {**sent, "idempotency_key": form_key(page), "go": "1"}


def value_of(page, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.content.decode())
    assert found, f"no input {name}"
    return found[1]
