"""Signing in as people do it, page by page."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.urls import reverse

from baogong.channels.models import Message
from baogong.people import services
from baogong.people.models import Account, Volunteer
from baogong.people.services import second_factor
from baogong.people.tests.cast import NOON, PASSWORD, make_grant, make_person, make_staff
from baogong.places.models import Subdistrict

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def url(name):
    return reverse(f"people:{name}")


def code_sent(number="+8613800000001"):
    return next(m for m in Message.objects.everywhere().order_by("-pk") if m.address == number).words[:6]


def sign_in_by_phone(client, number="138 0000 0001"):
    client.post(url("sign_in"), {"phone": number})
    return client.post(url("code"), {"code": code_sent()})


def sign_in_by_password(client, name, password=PASSWORD):
    return client.post(url("staff_sign_in"), {"username": name, "password": password})


def who(client):
    return client.session.get("_auth_user_id")


@pytest.fixture
def qian(cast):
    account = make_staff(cast.subdistrict_id, "钱会计", "buyer", username="qian", password=PASSWORD)
    earlier = NOON - timedelta(minutes=5)
    second_factor.enrol(account, SECRET, pyotp.TOTP(SECRET).at(earlier), now=earlier)
    return account


# ---------------------------------------------------------------- by phone


def test_a_resident_signs_in_with_a_code_and_gets_where_they_wanted_to_go(client, cast):
    client.get(url("sign_in"), {"next": "/people/household/"})

    response = sign_in_by_phone(client)

    assert (response.status_code, response["Location"]) == (303, "/people/household/")
    assert who(client) == str(cast.wang_account.pk)


def test_known_and_unknown_numbers_get_the_same_pages(client, cast):
    pages = []
    for number in ("13800000001", "13999999901"):
        client.cookies.clear()
        asked = client.post(url("sign_in"), {"phone": number})
        answer = client.get(url("code"))
        body = re.sub(r'[A-Za-z0-9]{64}|13\d[*\d]*|\+86\d+', "", answer.content.decode())
        pages.append((asked.status_code, asked["Location"], sorted(asked.headers), body))

    assert pages[0] == pages[1]


def test_a_wrong_code_says_so_and_lets_try_again(client, cast):
    client.post(url("sign_in"), {"phone": "13800000001"})

    assert client.post(url("code"), {"code": "000 00x"}).status_code == 422
    assert client.post(url("code"), {"code": code_sent()}).status_code == 303


def test_asking_twice_in_a_minute_must_wait(client, cast):
    for status in (303, 429):
        response = client.post(url("sign_in"), {"phone": "13800000001"})
        assert response.status_code == status
    assert int(response["Retry-After"]) == 60


@pytest.mark.parametrize("phone", ["", "12", "not a number", "１３８" * 20])
def test_what_is_no_number_is_refused_with_what_was_typed(client, cast, phone):
    response = client.post(url("sign_in"), {"phone": phone})

    assert response.status_code == 422
    assert not Message.objects.everywhere().exists()


def test_two_people_with_one_number_are_asked_who_they_are(client, cast):
    worker = make_staff(cast.subdistrict_id, "王伟", "volunteer", area="community", area_id=cast.community.pk, phone="+8613800000001")

    response = sign_in_by_phone(client)
    assert response["Location"] == url("choose")
    assert client.get(url("choose")).status_code == 200

    client.post(url("choose"), {"account": str(worker.pk)})
    assert who(client) == str(worker.pk)


def test_nobody_chooses_an_account_that_was_not_offered(client, cast):
    make_staff(cast.subdistrict_id, "王伟", "volunteer", area="community", area_id=cast.community.pk, phone="+8613800000001")
    sign_in_by_phone(client)

    client.post(url("choose"), {"account": str(cast.li_account.pk)})

    assert who(client) is None


def test_a_buyers_number_opens_nothing_and_shows_the_right_door(client, cast):
    person = cast.buyer.person
    person.set_phone("+8613800000001")
    person.save()
    cast.wang_account.person.set_phone("")
    cast.wang_account.person.save()

    response = sign_in_by_phone(client)

    assert response["Location"] == url("staff_sign_in")
    assert who(client) is None


def test_another_sites_address_is_no_place_to_go_on_to(client, cast):
    client.get(url("sign_in"), {"next": "https://evil.example/"})

    assert sign_in_by_phone(client)["Location"] == "/"


# ---------------------------------------------------------------- by password


def test_staff_without_harm_in_their_hands_sign_in_with_a_password(client, cast):
    make_staff(cast.subdistrict_id, "高山", "grid_worker", username="gao", password=PASSWORD)

    assert sign_in_by_password(client, "gao")["Location"] == "/"
    assert client.session["role"] == "grid_worker"


def test_a_buyer_shows_the_second_code_too(client, qian):
    assert sign_in_by_password(client, "qian")["Location"] == url("second_factor")
    assert who(client) is None

    wrong = client.post(url("second_factor"), {"code": "1"})
    assert wrong.status_code == 422
    right = client.post(url("second_factor"), {"code": pyotp.TOTP(SECRET).at(NOON)})

    assert right["Location"] == "/"
    assert (who(client), client.session["role"]) == (str(qian.pk), "buyer")


def test_the_first_sign_in_sets_the_app_up(client, cast):
    make_staff(cast.subdistrict_id, "门卫", "guard", username="men", password=PASSWORD)
    assert sign_in_by_password(client, "men")["Location"] == url("enrol")

    page = client.get(url("enrol")).content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    assert "<svg" in page
    assert secret not in str(Session.objects.get(pk=client.session.session_key).get_decoded())

    assert client.post(url("enrol"), {"code": pyotp.TOTP(secret).at(NOON)})["Location"] == "/"
    assert Account.objects.everywhere().get(username="men").totp_sealed


def test_the_second_page_is_only_for_those_who_passed_the_first(client, qian, clock):
    for name in ("second_factor", "enrol", "first_password"):
        assert client.get(url(name))["Location"] == url("staff_sign_in")

    sign_in_by_password(client, "qian")
    clock.shift(timedelta(minutes=11))

    assert client.post(url("second_factor"), {"code": "1"})["Location"] == url("staff_sign_in")


def test_whoever_has_an_app_cannot_set_up_another_one_by_the_password_alone(client, qian):
    sign_in_by_password(client, "qian")

    assert client.get(url("enrol"))["Location"] == url("staff_sign_in")


def test_a_given_password_is_changed_before_anything_else(client, cast):
    gao = make_staff(cast.subdistrict_id, "高山", "grid_worker", username="gao")
    given = services.give_temporary_password(gao, actor=cast.actor(cast.admin), now=NOON - timedelta(hours=1))
    assert sign_in_by_password(client, "gao", given)["Location"] == url("first_password")

    short = client.post(url("first_password"), {"password": "short", "again": "short"})
    other = client.post(url("first_password"), {"password": "fifteen-letters", "again": "fifteen-numbers"})
    assert (short.status_code, other.status_code, who(client)) == (422, 422, None)
    assert client.post(url("first_password"), {"password": PASSWORD, "again": PASSWORD})["Location"] == "/"

    assert client.get(url("account")).status_code == 200
    client.post(url("sign_out"))
    assert sign_in_by_password(client, "gao")["Location"] == "/"


def test_in_a_demonstration_a_password_is_enough(client, cast):
    Subdistrict.objects.filter(pk=cast.subdistrict_id).update(demonstration=True)
    make_staff(cast.subdistrict_id, "演示", "admin", username="demo", password=PASSWORD)

    assert sign_in_by_password(client, "demo")["Location"] == "/"


def test_a_wrong_password_is_no_sign_in(client, qian):
    response = sign_in_by_password(client, "qian", "wrong-wrong-wrong")

    assert response.status_code == 422
    assert "wrong-wrong-wrong" not in response.content.decode()


def test_an_account_without_any_role_is_told_so(client, cast):
    gao = make_staff(cast.subdistrict_id, "高山", "grid_worker", username="gao", password=PASSWORD)
    gao.grants.update(until=NOON - timedelta(days=1))

    response = sign_in_by_password(client, "gao")

    assert response["Location"] == url("staff_sign_in")
    assert who(client) is None


# ---------------------------------------------------------------- the session


def test_signing_in_changes_the_sessions_id(client, cast):
    client.post(url("sign_in"), {"phone": "13800000001"})
    before = client.session.session_key

    client.post(url("code"), {"code": code_sent()})

    assert client.session.session_key != before


def test_signing_out_empties_the_session_and_tells_the_browser_to_forget(client, cast):
    sign_in_by_phone(client)

    response = client.post(url("sign_out"))

    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert who(client) is None
    assert client.get(url("account")).status_code == 302


@pytest.mark.parametrize(("role", "idle"), [("resident", timedelta(days=7)), ("staff", timedelta(minutes=30))])
def test_an_idle_session_ends(client, cast, clock, role, idle):
    enter(client, cast, role)
    clock.shift(idle - timedelta(seconds=1))
    assert client.get(url("account")).status_code == 200

    clock.shift(idle)
    assert client.get(url("account")).status_code == 302


@pytest.mark.parametrize(("role", "step", "life"), [("resident", 5 * 24, 30 * 24), ("staff", 0.4, 12)])
def test_no_session_lasts_for_ever_however_busy(client, cast, clock, role, step, life):
    enter(client, cast, role)
    hours = 0.0
    while client.get(url("account")).status_code == 200:
        clock.shift(timedelta(hours=step))
        hours += step

    assert life - step <= hours <= life + step


def enter(client, cast, role):
    if role == "resident":
        sign_in_by_phone(client)
    else:
        make_staff(cast.subdistrict_id, "高山", "grid_worker", username="gao", password=PASSWORD)
        sign_in_by_password(client, "gao")


def test_a_deactivated_account_is_out_with_its_next_request(client, cast):
    sign_in_by_phone(client)
    services.deactivate_account(cast.wang_account, actor=cast.actor(cast.admin), now=NOON)

    assert client.get(url("account")).status_code == 302


def test_an_ended_role_is_gone_with_the_next_request(client, cast):
    sign_in_by_phone(client)
    services.end_grant(cast.wang_account.grants.get(), actor=cast.actor(cast.worker), now=NOON)

    assert client.get(url("household")).status_code == 403


def test_signing_out_everywhere_ends_the_other_browsers_too(client, cast, clock):
    from django.test import Client

    other = Client()
    sign_in_by_phone(other)
    clock.shift(timedelta(minutes=2))
    sign_in_by_phone(client)
    clock.shift(timedelta(seconds=1))

    client.post(url("everywhere"))

    assert (client.get(url("account")).status_code, other.get(url("account")).status_code) == (302, 302)
    clock.shift(timedelta(minutes=2))
    sign_in_by_phone(client)
    assert client.get(url("account")).status_code == 200


def test_a_role_is_chosen_among_ones_own(client, cast):
    make_grant(cast.wang_account, "volunteer", "community", cast.community.pk)
    make_grant(cast.wang_account, "buyer", "subdistrict", cast.subdistrict_id)
    sign_in_by_phone(client)

    assert client.post(url("role"), {"role": "volunteer"})["Location"] == "/"
    assert client.session["role"] == "volunteer"
    for other in ("buyer", "admin", ""):
        assert client.post(url("role"), {"role": other}).status_code == 403
    assert client.session["role"] == "volunteer"


# ---------------------------------------------------------------- what one changes oneself


def test_a_volunteer_goes_off_duty(client, cast):
    client.force_login(cast.volunteer)

    client.post(url("my_duty"), {"on": "0"})

    assert not Volunteer.objects.get(account=cast.volunteer).on_duty


def test_the_first_number_holds_at_once(client, cast):
    account = Account.objects.create(
        subdistrict_id=cast.subdistrict_id, username="new", person=make_person(cast.subdistrict_id, "王芳", household=cast.wang)
    )
    make_grant(account, "resident", "household", cast.wang.pk)
    client.force_login(account)

    client.post(url("phone"), {"phone": "13900000009"})
    client.post(url("phone_code"), {"code": code_sent("+8613900000009")})

    account.person.refresh_from_db()
    assert account.person.phone == "+8613900000009"


def test_a_changed_number_holds_a_day_later_and_the_old_one_is_told(client, cast):
    sign_in_by_phone(client)

    client.post(url("phone"), {"phone": "13900000009"})
    client.post(url("phone_code"), {"code": code_sent("+8613900000009")})

    person = cast.wang_account.person
    person.refresh_from_db()
    assert person.phone == "+8613800000001"
    assert Message.objects.everywhere().get(kind="phone_changed").address == "+8613800000001"

    assert services.phone_changes_due(now=NOON + timedelta(hours=23)) == 0
    assert services.phone_changes_due(now=NOON + timedelta(hours=24)) == 1
    person.refresh_from_db()
    assert (person.phone, person.phone_next_at) == ("+8613900000009", None)


def test_a_number_is_changed_only_right_after_signing_in(client, cast, clock):
    sign_in_by_phone(client)
    clock.shift(timedelta(minutes=16))

    response = client.post(url("phone"), {"phone": "13900000009"})

    assert response.status_code == 422
    assert "phone_code" not in client.session


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(client, cast, clock):
    from django.test import Client

    gao = make_staff(cast.subdistrict_id, "高山", "grid_worker", username="gao", password=PASSWORD)
    other = Client()
    sign_in_by_password(other, "gao")
    sign_in_by_password(client, "gao")
    clock.shift(timedelta(seconds=5))
    new = {"password": "eight-red-tomatoes", "again": "eight-red-tomatoes"}

    assert client.post(url("password"), {"current": "wrong-wrong-wrong", **new}).status_code == 422
    assert client.post(url("password"), {"current": PASSWORD, **new}).status_code == 303

    assert client.get(url("account")).status_code == 200
    assert other.get(url("account")).status_code == 302
    gao.refresh_from_db()
    assert gao.check_password("eight-red-tomatoes")


def test_whoever_has_no_password_has_none_to_change(client, cast):
    sign_in_by_phone(client)

    assert client.get(url("password")).status_code == 404


# ---------------------------------------------------------------- language


def language(client, **headers):
    return client.get(url("claim"), headers=headers)["Content-Language"]


@pytest.mark.parametrize(
    ("wish", "spoken"),
    [
        ("", "zh-hans"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,de;q=0.9", "zh-hans"),
        ("de,en;q=0.5", "en"),
        ("en;q=0.3,zh-CN;q=0.8", "zh-hans"),
        ("zh-TW", "zh-hans"),
        ("en;q=0", "zh-hans"),
        ("en;q=x,,;;", "zh-hans"),
    ],
)
def test_chinese_unless_the_browser_asks_for_english(client, cast, wish, spoken):
    assert language(client, accept_language=wish) == spoken


def test_the_cookie_goes_before_the_account_and_the_account_before_the_browser(client, cast):
    sign_in_by_phone(client)
    services.set_language(cast.wang_account, "en")
    assert language(client, accept_language="zh") == "en"

    client.cookies["language"] = "zh-hans"
    assert language(client, accept_language="en") == "zh-hans"


def test_a_language_we_do_not_speak_changes_nothing(client, cast):
    sign_in_by_phone(client)

    client.post(url("language"), {"language": "fr"})

    cast.wang_account.refresh_from_db()
    assert cast.wang_account.language == ""
    assert "language" not in client.cookies
