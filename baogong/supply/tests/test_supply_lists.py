"""The supply list: complete or not published, and kept as it was published."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from baogong.common.models import Event
from baogong.people.tests.cast import NOON
from baogong.supply import queries, services
from baogong.supply.models import SupplyListItem
from baogong.supply.services import NotPublishable, missing_fields
from baogong.supply.tests.market import make_offer, make_supplier


@pytest.fixture
def jkl(cast):
    return make_supplier(cast.subdistrict_id)


def publish(cast, *offers, now=NOON):
    return services.publish_list([offer.pk for offer in offers], actor=cast.actor(cast.buyer), now=now)


def test_the_newest_list_is_the_one_in_force_and_keeps_its_order(cast, jkl):
    rice, eggs = make_offer(jkl), make_offer(jkl, "eggs", "鸡蛋", category="蛋")
    publish(cast, rice)

    newest = publish(cast, eggs, rice, now=NOON + timedelta(days=1))

    current = queries.current_list(cast.subdistrict_id)
    assert current is not None
    assert (current, current.number, current.published_by) == (newest, 2, cast.buyer.pk)
    assert [item.name for item in current.items.all()] == ["鸡蛋", "大米"]
    assert [item.name for item in queries.published_items(cast.subdistrict_id)] == ["鸡蛋", "大米"]
    assert Event.objects.within(cast.subdistrict_id).filter(verb="supply.list_published").count() == 2


def test_before_the_first_list_there_is_none(cast):
    assert queries.current_list(cast.subdistrict_id) is None
    assert list(queries.published_items(cast.subdistrict_id)) == []


def test_what_was_published_does_not_change_with_the_offer(cast, jkl):
    rice = make_offer(jkl, price_fen=2000)
    published = publish(cast, rice)
    rice.price_fen = 9900
    rice.save()

    item = SupplyListItem.objects.get(supply_list=published)
    assert (item.price_fen, item.supplier_name, item.origin) == (2000, "京客隆", "黑龙江")


def test_without_a_choice_everything_that_is_not_withdrawn_is_published(cast, jkl):
    make_offer(jkl)
    make_offer(jkl, "eggs", "鸡蛋", withdrawn_at=NOON)

    published = services.publish_list(actor=cast.system, now=NOON)

    assert [item.name for item in published.items.all()] == ["大米"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"spec": ""}, "spec"),
        ({"unit": ""}, "unit"),
        ({"cap_per_household": None}, "cap_per_household"),
        ({"origin": ""}, "origin"),
        ({"name": "家庭蔬菜包"}, "contents"),
        ({"category": "套餐"}, "contents"),
    ],
)
def test_an_item_that_lacks_something_people_must_know_is_not_published(cast, jkl, values, field):
    offer = make_offer(jkl, "x", **{"name": "某物", **values})

    with pytest.raises(NotPublishable) as refused:
        publish(cast, make_offer(jkl), offer)

    assert refused.value.facts["missing"] == [{"offer": str(offer.pk), "sku": "x", "fields": [field]}]
    assert queries.current_list(cast.subdistrict_id) is None


def test_food_needs_its_origin_or_its_date_and_soap_needs_neither(jkl):
    dated = make_offer(jkl, "milk", "牛奶", category="奶制品", origin="", produced_on=date(2022, 11, 23))
    soap = make_offer(jkl, "soap", "肥皂", category="日用品", origin="")

    assert missing_fields(dated) == missing_fields(soap) == []


def test_a_package_that_lists_its_contents_is_published(cast, jkl):
    package = make_offer(jkl, "pack", "家庭蔬菜包", contents="白菜 1 kg，土豆 1 kg，鸡蛋 10 枚")

    assert publish(cast, package).items.count() == 1


def test_an_empty_list_or_a_withdrawn_offer_is_refused(cast, jkl):
    withdrawn = make_offer(jkl, withdrawn_at=NOON)

    for offers in ([], [withdrawn]):
        with pytest.raises(NotPublishable):
            publish(cast, *offers)
