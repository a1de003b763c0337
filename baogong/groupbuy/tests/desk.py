"""What the tests of the buyer's desk share: addresses, forms with their key, and how many questions a page asks."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse

from baogong.groupbuy.models import Round

ROUNDS, NEW, PAYMENTS = (reverse(f"groupbuy:{name}") for name in ("desk_rounds", "desk_new_round", "desk_payments"))

_keys = count(1)


def url(buy: Round | UUID, name: str = "") -> str:
    pk = buy.pk if isinstance(buy, Round) else buy
    return reverse("groupbuy:desk_deed", args=[pk, name]) if name else reverse("groupbuy:desk_round", args=[pk])


def money_url(buy: Round | UUID) -> str:
    return reverse("groupbuy:desk_money", args=[buy.pk if isinstance(buy, Round) else buy])


def send(client: Client, address: str, *, key: str = "", **fields: object) -> Any:
    return client.post(address, {"idempotency_key": key or f"test-{next(_keys)}", **fields})


def text_of(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200, f"{address}: {page.status_code}"
    return page.content.decode()


def state_of(buy: Round) -> str:
    return Round.objects.get(pk=buy.pk).state


def queries_of(client: Client, address: str, counting: Any) -> int:
    with counting(80) as context:
        assert client.get(address).status_code == 200
    return len(context)
