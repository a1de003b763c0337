from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from baogong.common.errors import TooMany
from baogong.people import services
from baogong.people.roles import Role
from baogong.people.services import second_factor, signing
from baogong.people.services.accounts import WeakPassword
from baogong.people.tests.cast import NOON, PASSWORD, make_staff
from baogong.places.models import Subdistrict

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = timedelta(seconds=30)


@pytest.fixture
def gao(cast):
    """A grid worker: a password is enough."""
    return make_staff(cast.subdistrict_id, "高山", Role.GRID_WORKER, username="gao", password=PASSWORD)


@pytest.fixture
def qian(cast):
    """A buyer with an authenticator app."""
    account = make_staff(cast.subdistrict_id, "钱会计", Role.BUYER, username="qian", password=PASSWORD)
    second_factor.enrol(account, SECRET, app(NOON - 10 * STEP), now=NOON - 10 * STEP)
    account.refresh_from_db()
    return account


def app(at):
    return pyotp.TOTP(SECRET).at(at)


def check(cast, username, password=PASSWORD, at=NOON):
    return signing.check_password(cast.subdistrict_id, username, password, address="10.0.0.1", now=at)


def test_the_right_password_gives_the_account(cast, gao):
    assert check(cast, " gao ") == gao


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(cast, gao, qian):
    answers = set()
    for name in ("gao", "nobody", "qian", cast.wang_account.username):
        with pytest.raises(signing.WrongPassword) as refusal:
            check(cast, name, "wrong-wrong-wrong")
        answers.add((str(refusal.value), refusal.value.code))

    assert len(answers) == 1


def test_wrong_passwords_make_everybody_wait(cast, gao):
    for _ in range(5):
        with pytest.raises(signing.WrongPassword):
            check(cast, "gao", "wrong-wrong-wrong")

    with pytest.raises(TooMany) as refusal:
        check(cast, "gao")
    assert refusal.value.retry_after_s == 30
    assert check(cast, "gao", at=NOON + timedelta(seconds=31)) == gao


def test_a_deactivated_account_does_not_sign_in(cast, gao):
    services.deactivate_account(gao, actor=cast.actor(cast.admin), now=NOON)

    with pytest.raises(signing.WrongPassword):
        check(cast, "gao")


def test_roles_that_can_do_harm_need_a_second_factor(cast, gao, qian):
    assert signing.needs_second_factor(qian)
    assert not signing.needs_second_factor(gao)


def test_invented_people_of_a_demonstration_need_none(cast, qian):
    Subdistrict.objects.filter(pk=cast.subdistrict_id).update(demonstration=True)

    assert not signing.needs_second_factor(qian)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_step_before_and_after_is_good(qian, steps):
    second_factor.check(qian, app(NOON + steps * STEP), now=NOON)


@pytest.mark.parametrize("steps", [-2, 2])
def test_two_steps_away_is_not(qian, steps):
    with pytest.raises(signing.WrongCode):
        second_factor.check(qian, app(NOON + steps * STEP), now=NOON)


def test_a_step_is_good_once_and_then_no_earlier_one_is(qian):
    second_factor.check(qian, app(NOON), now=NOON)

    for again in (app(NOON), app(NOON - STEP)):
        with pytest.raises(signing.WrongCode):
            second_factor.check(qian, again, now=NOON)
    second_factor.check(qian, app(NOON + STEP), now=NOON)


def test_guessing_the_second_factor_counts_like_guessing_the_password(cast, qian):
    for _ in range(4):
        with pytest.raises(signing.WrongCode):
            second_factor.check(qian, "000 000 0", now=NOON)
    check(cast, "qian")

    with pytest.raises(TooMany):
        second_factor.check(qian, app(NOON), now=NOON)


def test_setting_up_needs_a_code_from_the_app(cast):
    with pytest.raises(signing.WrongCode):
        second_factor.enrol(cast.buyer, SECRET, "000000000", now=NOON)

    cast.buyer.refresh_from_db()
    assert cast.buyer.totp_sealed is None


def test_the_secret_is_not_readable_in_the_database(qian):
    assert SECRET.encode() not in bytes(qian.totp_sealed)


def test_without_an_app_no_code_is_right(cast):
    with pytest.raises(signing.WrongCode):
        second_factor.check(cast.buyer, "000000", now=datetime(2022, 11, 24, tzinfo=UTC))


@pytest.mark.parametrize("password", ["", "fourteen-chars", "onetwothree"])
def test_a_password_has_15_characters_or_more(cast, gao, password):
    with pytest.raises(WeakPassword):
        services.set_password(gao, password, actor=cast.actor(cast.admin), now=NOON)

    assert check(cast, "gao") == gao


def test_a_new_password_ends_the_sessions_of_before(cast, gao):
    services.set_password(gao, "a-fifteen-char.", actor=cast.actor(cast.admin), now=NOON)

    assert check(cast, "gao", "a-fifteen-char.").signed_out_before == NOON


def test_a_given_password_is_strong_and_temporary(cast, gao):
    password = services.give_temporary_password(gao, actor=cast.actor(cast.admin), now=NOON)

    assert check(cast, "gao", password).password_temporary
    assert len(password) == 23
