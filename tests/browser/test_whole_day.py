"""A subdistrict's day, clicked through as its people do: from empty tables to settled books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import TimeoutError as TooLate

from baogong.common.models import Event
from baogong.distribution.models import Turn
from baogong.groupbuy.models import Round
from baogong.places.models import Subdistrict
from baogong.places.services import ensure_subdistrict
from tests.browser import delivering, ordering
from tests.browser.town import Person
from tests.flow.laws import breaches

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(400),  # a minute on a quiet machine
    pytest.mark.django_db(transaction=True),
]

MORNING = datetime(2022, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PHONE, DESK = 390, 1280


@pytest.fixture
def clock(transactional_db):
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture
def subdistrict(clock, settings, tmp_path) -> Subdistrict:
    settings.BAOGONG_DATA = tmp_path  # uploads lie there
    made = ensure_subdistrict("榆树街道")
    made.hotline = "010-64370000"
    made.save()
    return made


@pytest.fixture
def look(snap) -> Callable:
    """Keeps pictures at both widths, and fails where a page is wider than the screen; paper is as wide as paper."""

    def at_both(page, name: str, *, paper: bool = False) -> None:
        own = page.viewport_size
        for size, width in (("phone", PHONE), ("desk", DESK)):
            page.set_viewport_size({"width": width, "height": 844})
            snap(page, f"{name} {size}")
            assert paper or fits(page, width), f"{name} is wider than {width} px"
        page.set_viewport_size(own)

    return at_both


def fits(page, width: int) -> bool:
    """Waits for the page to be laid out anew, also where its scripts do not run."""
    try:
        page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width, timeout=3_000)
    except TooLate:
        return False
    return True


@pytest.fixture
def meet(open_page, look) -> Callable[..., Person]:
    """`meet(390)` gives one more person with a phone, `meet(1280)` one at a desk."""

    def person(width: int, **options) -> Person:
        page = open_page("phone" if width == PHONE else "desk", **options)
        page.set_viewport_size({"width": width, "height": 844})
        return Person(page, look)

    return person


def test_a_town_lives_through_its_day(subdistrict, clock, meet, capsys):
    admin = meet(DESK)
    ordering.begin(admin, capsys)
    ordering.import_the_town(admin)
    ordering.add_a_point(admin)
    buyer = meet(DESK)
    ordering.give_a_password(admin, buyer)
    worker = meet(PHONE)
    codes = ordering.print_letters(worker)
    ordering.publish_the_list(buyer)
    ordering.open_a_round(buyer)

    wang, li = meet(PHONE), meet(PHONE, javascript=False)
    ordering.claim(wang, codes["12号楼 2单元 502"], "王伟")
    ordering.order_and_change(wang)
    ordering.invite(wang, meet(PHONE))
    ordering.claim(li, codes["12号楼 2单元 301"], "李娜")
    ordering.order_without_script(li)
    ordering.order_for_zhao(worker)
    ordering.import_orders(buyer)
    ordering.note_a_transfer(buyer, "12/2/502", "150.30")
    assert breaches(subdistrict.pk) == []

    clock.move_to(MORNING.replace(hour=16, minute=5))
    delivering.close(buyer)
    # Seven of them were ordered, and they come in packs of four.
    assert delivering.download_purchase(buyer, "顺鑫源") == {"veg": [2, 4, 8]}
    assert delivering.download_purchase(buyer, "京客隆") == {"rice": [5, 1, 5], "eggs": [5, 1, 5]}

    clock.move_to(MORNING + timedelta(hours=23))
    buyer.sign_in()
    buyer.see("buyer second morning")
    delivering.take_in(buyer, "京客隆", {"东北大米，收下几份": 0})
    spoiled = {"七样蔬菜包，收下几份": 6, "七样蔬菜包，退回几份": 2, "七样蔬菜包，为什么退回": "压坏了"}
    delivering.take_in(buyer, "顺鑫源", spoiled)
    delivering.share_out(buyer)
    delivering.plan_the_day(buyer)
    delivering.print_papers(buyer)
    assert breaches(subdistrict.pk) == []

    code = delivering.code_shown_to(wang)
    clock.move_to(Turn.objects.everywhere().earliest("starts_at").starts_at + timedelta(minutes=2))
    volunteer = meet(PHONE)
    delivering.go_on_duty(volunteer)
    delivering.give_at_the_desk(volunteer, code)
    delivering.carry_to_the_doors(volunteer)
    delivering.tell_zhao(worker)
    assert breaches(subdistrict.pk) == []

    clock.move_to(MORNING + timedelta(hours=26))
    delivering.note_payments(buyer)
    delivering.settle(buyer)
    wang.page.goto("/")
    wang.see("Wang afterwards")
    wang.follow("全部订单")
    wang.page.locator("main .rows a").first.click()
    wang.read("付清了")
    wang.see("Wang order afterwards")
    delivering.prove_the_laws(admin)

    handed_over = Event.objects.everywhere().filter(verb="distribution.handed_over")
    assert handed_over.count() == 6
    assert Round.objects.everywhere().get().state == Round.State.SETTLED
    assert breaches(subdistrict.pk) == []
