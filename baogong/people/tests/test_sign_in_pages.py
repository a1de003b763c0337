"""Signing in as people do it, page by page."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.contrib.sessions.models import Session

from baogong.channels.models import Message
from baogong.people import services
from baogong.people.models import Account
from baogong.people.services import second_factor
from baogong.people.tests.cast import NOON, PASSWORD, make_staff
from baogong.people.tests.entering import code_sent, sign_in_by_password, sign_in_by_phone, url, who
from baogong.places.models import Subdistrict

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


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
        body = re.sub(r"[A-Za-z0-9]{64}|13\d[*\d]*|\+86\d+", "", answer.content.decode())
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


def wang_who_carries(cast):
    """A volunteer with the number of household Wang."""
    area = {"area": "community", "area_id": cast.community.pk}
    return make_staff(cast.subdistrict_id, "王伟", "volunteer", phone="+8613800000001", **area)


def test_two_people_with_one_number_are_asked_who_they_are(client, cast):
    worker = wang_who_carries(cast)

    response = sign_in_by_phone(client)
    assert response["Location"] == url("choose")
    assert client.get(url("choose")).status_code == 200

    client.post(url("choose"), {"account": str(worker.pk)})
    assert who(client) == str(worker.pk)


def test_nobody_chooses_an_account_that_was_not_offered(client, cast):
    wang_who_carries(cast)
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
    (shown,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
    secret = shown.replace(" ", "")
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
