"""The pages that a resident meets first come in one answer of at most 14 KB, whatever they have to say."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from random import Random

import pytest

from baogong.groupbuy.tests.rounds import open_round_of, order
from baogong.home.tests.stage import TURN_AT, make_delivery, make_plan, make_turn, signed_in
from baogong.home.views.household import ON_FIRST_PAGE
from baogong.people.services import tell_households
from baogong.people.tests.cast import NOON, make_building
from baogong.supply.models import SupplyList, SupplyListItem
from baogong.supply.tests.market import make_offer

LIMIT = 14 * 1024
# What a browser fetches before it paints: sheets, scripts, pictures. The manifest comes after.
FETCHED_FIRST = re.compile(
    r'<link(?![^>]*rel="(?:icon|manifest)")|<script[^>]+src|<img|<iframe|@import|url\((?!"data:)'
)
WORDS = (
    "青菜生菜土豆番茄胡萝卜黄瓜洋葱大米面粉菜籽油鸡蛋猪腿肉牛奶豆腐白菜"
    "冬瓜南瓜木耳香菇粉丝食盐白糖酱油醋挂面馒头苹果香蕉橙子纸巾肥皂"
)


@pytest.fixture(autouse=True)
def _noon(noon):
    return noon


def goods(jkl, count: int, sku: str = "s"):
    """Offers with names as unlike each other as real ones."""
    chance = Random(sku)
    for number in range(count):
        name = "".join(chance.sample(WORDS, 6))
        spec = f"{chance.randint(2, 50) * 100} g × {chance.randint(1, 12)} {''.join(chance.sample(WORDS, 4))}"
        category = ("蔬菜", "粮油", "肉蛋奶", "日用")[number % 4]
        price, stock = chance.randint(100, 30000), chance.randint(5, 3000)
        yield make_offer(jkl, f"{sku}{number}", name, spec=spec, category=category, price_fen=price, stock=stock)


def publish(cast, offers) -> None:
    newest = SupplyList.objects.create(subdistrict_id=cast.subdistrict_id, number=1)
    SupplyListItem.objects.bulk_create(
        SupplyListItem(
            subdistrict_id=cast.subdistrict_id,
            supply_list=newest,
            offer=offer,
            name=offer.name,
            spec=offer.spec,
            unit=offer.unit,
            price_fen=offer.price_fen,
            supplier_name="绿田农业合作社",
            position=position,
        )
        for position, offer in enumerate(offers)
    )


def full_day_of_turns(cast, gate):
    """72 turns at the east gate, one of them that of building 12."""
    plan = make_plan(cast)
    mine = make_turn(plan, gate, cast.building)
    for number in range(71):
        start = NOON - timedelta(hours=5) + timedelta(minutes=10 * number)
        if start != TURN_AT:
            make_turn(plan, gate, make_building(cast.compound, str(100 + number)), start)
    return plan, mine


def weigh(client, url: str, language: str = "zh-hans") -> int:
    page = client.get(url, headers={"Accept-Language": language})
    text = page.content.decode()
    assert page.status_code == 200
    assert not FETCHED_FIRST.findall(text)
    return len(gzip.compress(page.content, 6))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("elder", ["", "1"])
def test_a_residents_first_page_fits(cast, jkl, gate, language, elder):
    mine = order(open_round_of(cast, *goods(jkl, 8), name="第 6 轮"), cast.wang, s0=1, s1=2, s2=1)
    plan, turn = full_day_of_turns(cast, gate)
    make_delivery(plan, cast.wang, turn=turn, order=mine)
    open_round_of(cast, *goods(jkl, ON_FIRST_PAGE, "t"), name="第 7 轮")
    for _ in range(5):
        text = "订单 R1124-03-0042 已订：大米 × 2、白菜 × 1、鸡蛋 × 1，¥108.30。今天 16:00 前能改。"
        tell_households({cast.wang.pk: text}, kind="order_taken", actor=cast.system, now=NOON)
    client = signed_in(cast.wang_account)
    client.cookies["elder"] = elder

    assert weigh(client, "/", language) <= LIMIT


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_poster_page_fits(cast, jkl, gate, language):
    full_day_of_turns(cast, gate)
    offers = list(goods(jkl, 200))
    open_round_of(cast, *offers[:120])
    publish(cast, offers)

    assert weigh(signed_in(), "/b/12", language) <= LIMIT


@pytest.mark.parametrize("url", ["/", "/b/?code=99x"])
def test_the_entry_fits(cast, url):
    page = signed_in().get(url)

    assert not FETCHED_FIRST.findall(page.content.decode())
    assert len(gzip.compress(page.content, 6)) <= LIMIT
