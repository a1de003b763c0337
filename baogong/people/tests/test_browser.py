"""The room's pages in a real browser: with and without JavaScript, at phone and desk width, on paper."""

from __future__ import annotations

import pytest
from django.test import Client

from baogong.channels.models import Message
from baogong.common.clock import now
from baogong.people import services
from baogong.people.tests.cast import PASSWORD, code_in, make_cast, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db, settings):
    settings.BAOGONG_LIMITS = False
    return make_cast()


def code_sent():
    return code_in(Message.objects.everywhere().filter(kind="sign_in_code").latest("created_at"))


def enter(page, account, live_server):
    """The browser of somebody who has signed in."""
    client = Client()
    client.force_login(account)
    page.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_resident_signs_in_with_a_code(open_page, snap, cast, javascript):
    page = open_page("phone", javascript=javascript)
    page.goto("/people/sign-in/?next=/people/household/")
    snap(page, "phone")
    page.get_by_label("手机号").fill("138 0000 0001")
    page.get_by_role("button", name="发验证码").click()
    page.get_by_label("验证码").fill("000000x")
    page.get_by_role("button", name="登录").click()
    assert page.get_by_role("alert").is_visible()
    snap(page, "wrong code")

    page.get_by_label("验证码").fill(code_sent())
    page.get_by_role("button", name="登录").click()

    assert page.get_by_text("王伟").is_visible()
    snap(page, "household")
    page.get_by_role("button", name="邀请同住的人").click()
    assert page.get_by_text("邀请好了").is_visible()
    snap(page, "invitation")


def test_a_letters_code_comes_behind_the_hash_and_leaves_the_address(open_page, snap, cast):
    [letter] = services.print_letters([cast.sealed], actor=cast.actor(cast.worker), now=now())
    page = open_page("phone")
    page.goto(f"/people/claim/#{letter.code}")

    assert page.get_by_label("信上的号码").input_value() == letter.code
    assert "#" not in page.url
    page.get_by_label("姓名").fill("赵大爷")
    snap(page, "claim")
    page.get_by_role("button", name="下一步").click()

    assert page.get_by_text("您可以为3号楼 101订货了").is_visible()
    snap(page, "welcome")


def test_a_staff_member_sets_up_the_second_code(open_page, snap, cast):
    import pyotp

    make_staff(cast.subdistrict_id, "门卫", "guard", username="men", password=PASSWORD)
    page = open_page("phone")
    page.goto("/people/sign-in/staff/?next=/people/account/")
    snap(page, "staff")
    page.get_by_label("用户名").fill("men")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/enrolment/")
    snap(page, "enrolment")
    secret = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("验证器里的 6 位数").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="出的是这个数").click()

    page.wait_for_url("**/account/")
    snap(page, "account")


PAGES = {
    "周一帆": ["buildings/", "buildings/{building}/", "households/{wang}/", "volunteers/", "account/"],
    "何平": ["staff/", "staff/new/", "staff/{buyer}/", "buildings/{building}/"],
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_staffs_pages_work_for_whoever_cannot_see_them(
    open_page, snap, cast, live_server, accessibility_faults, name, language
):
    page = open_page("desk" if name == "何平" else "phone", language=language)
    rows = {"building": cast.building.pk, "wang": cast.wang.pk, "buyer": cast.buyer.pk}
    enter(page, {"周一帆": cast.worker, "何平": cast.admin}[name], live_server)
    for path in PAGES[name]:
        page.goto("/people/" + path.format(**rows))
        assert path.format(**rows) in page.url
        snap(page, path.replace("/", "-").format(**dict.fromkeys(rows, "x")))
        assert accessibility_faults(page) == []
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, path


def test_letters_and_posters_fit_their_paper(open_page, snap, cast, live_server):
    page = open_page("desk")
    enter(page, cast.worker, live_server)
    page.goto(f"/people/buildings/{cast.building.pk}/letters/")
    page.get_by_role("button", name="生成这些信").click()
    assert page.locator("article.cut").count() == 2
    snap(page, "letters")
    sheet = page.locator("section.a4").first.bounding_box()
    assert sheet["height"] <= 1123, "two letters fit one A4 sheet"

    page.goto(f"/people/buildings/{cast.building.pk}/poster/")
    snap(page, "poster")
    assert page.locator("section.a4").bounding_box()["height"] <= 1123
