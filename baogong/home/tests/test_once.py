"""A form of a page has one effect, whatever the network does to it."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from baogong.common.errors import BadInput, RuleBroken
from baogong.people.tests.cast import NOON
from baogong.web.once import SentBefore, once


class Counter:
    """Something that changes when it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        return f"/done/{self.calls}/"


@pytest.fixture
def send(cast):
    """`send(change, key=..., **fields)` sends a form as Wang."""

    def one(change, **fields: str):
        request = RequestFactory().post("/somewhere/", fields)
        return once(request, cast.actor(cast.wang_account), change, now=NOON)

    return one


def test_a_form_sent_twice_changes_once_and_leads_to_the_same_page(send):
    change = Counter()

    answers = [send(change, idempotency_key="a", rice="1", csrfmiddlewaretoken=str(n)) for n in range(2)]

    assert change.calls == 1
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, "/done/1/")] * 2


def test_other_content_under_a_used_key_is_refused(send):
    change = Counter()
    send(change, idempotency_key="a", rice="1")

    with pytest.raises(SentBefore):
        send(change, idempotency_key="a", rice="2")
    assert change.calls == 1


def test_after_a_refusal_the_mended_form_may_use_the_same_key(send):
    def refuse() -> str:
        raise RuleBroken("not like this")

    with pytest.raises(RuleBroken):
        send(refuse, idempotency_key="a", rice="9")

    assert send(Counter(), idempotency_key="a", rice="1").status_code == 303


def test_a_form_without_a_key_changes_nothing(send):
    change = Counter()

    with pytest.raises(BadInput):
        send(change, rice="1")
    assert change.calls == 0
