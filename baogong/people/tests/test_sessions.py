"""What happens between signing in and out: sessions end, roles change, numbers and passwords are changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from baogong.channels.models import Message
from baogong.people import services
from baogong.people.models import Account, Volunteer
from baogong.people.tests.cast import NOON, PASSWORD, make_grant, make_person, make_staff
from baogong.people.tests.entering import code_sent, sign_in_by_password, sign_in_by_phone, url, who


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


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
    fang = make_person(cast.subdistrict_id, "王芳", household=cast.wang)
    account = Account.objects.create(subdistrict_id=cast.subdistrict_id, username="new", person=fang)
    make_grant(account, "resident", "household", cast.wang.pk)
    client.force_login(account)

    client.post(url("phone"), {"phone": "13900000009"})
    client.post(url("phone_code"), {"code": code_sent("+8613900000009")})

    fang.refresh_from_db()
    assert fang.phone == "+8613900000009"


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
