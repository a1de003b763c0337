"""One order's way as its household sees it, from the list to the hand-over, with everything done by the services."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from baogong.common.clock import local
from baogong.distribution import services as distribution
from baogong.distribution.models import Delivery
from baogong.groupbuy.tests.rounds import CUT_OFF, NEXT_DAY, closed, order, purchase_orders, receive
from baogong.home.tests.stage import signed_in


@pytest.fixture
def wang(cast):
    return signed_in(cast.wang_account)


def stations(client, some) -> list[tuple[str, str]]:
    text = client.get(reverse("groupbuy:order", args=[some.pk])).content.decode()
    return re.findall(r'<li class="(\w+)"><b>([^<]+)</b>', text)


def test_the_way_of_an_order_with_a_turn(cast, wang, gate, buy, noon):
    mine = order(buy, cast.wang, rice=2)
    assert stations(wang, mine) == [
        ("done", "Ordered"), ("wait", "Round closes"), ("wait", "Goods arrive"), ("wait", "Your turn, or to your door"),
    ]  # fmt: skip

    noon.move_to(CUT_OFF + timedelta(minutes=1))
    closed(buy)
    assert stations(wang, mine)[1:3] == [("done", "Round closed"), ("go", "Goods arrive")]

    noon.move_to(NEXT_DAY)
    [purchase] = purchase_orders(buy)
    receipt = receive(purchase, rice=2)
    buyer = cast.actor(cast.buyer)
    distribution.allocate(receipt.pk, seed=1, actor=buyer, now=NEXT_DAY)
    assert stations(wang, mine)[2:] == [("done", "Goods arrived"), ("wait", "Your turn, or to your door")]

    plan = distribution.plan_day([buy.pk], local(NEXT_DAY).date(), actor=buyer, now=NEXT_DAY)
    distribution.publish_plan(plan.pk, actor=buyer, now=NEXT_DAY)
    delivery = Delivery.objects.get(plan=plan, household=cast.wang)
    home = wang.get("/").content.decode()
    assert delivery.turn is not None
    assert " ".join(delivery.pickup_code) in home
    assert stations(wang, mine)[3:] == [("go", "Collect at 东门, bags: 1"), ("wait", "Hand-over")]

    distribution.hand_over(delivery.pk, how="code", actor=cast.actor(cast.volunteer), now=NEXT_DAY)
    assert stations(wang, mine)[3:] == [("done", "Collect at 东门, bags: 1"), ("done", "Handed over")]
    assert "Handed over" in wang.get("/").content.decode()
    assert "大米 × 2" in wang.get(reverse("home:delivery", args=[delivery.pk])).content.decode()


def test_the_way_of_an_order_of_which_nothing_came(cast, wang, gate, buy, noon):
    mine = order(buy, cast.wang, rice=2)
    noon.move_to(CUT_OFF + timedelta(minutes=1))
    closed(buy)
    noon.move_to(NEXT_DAY)
    [purchase] = purchase_orders(buy)
    distribution.allocate(receive(purchase).pk, seed=1, actor=cast.actor(cast.buyer), now=NEXT_DAY)

    text = wang.get(reverse("groupbuy:order", args=[mine.pk])).content.decode()

    assert stations(wang, mine)[-1] == ("short", "Goods arrived")
    assert "大米: 0 of 2" in text
    assert "Nothing is to be paid." in text
