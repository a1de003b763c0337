from __future__ import annotations

import contextlib
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from baogong.channels.models import Message
from baogong.common.errors import TooMany
from baogong.people.models import Household, SignInCode, SignInFailures
from baogong.people.services import signing
from baogong.people.services.failures import InPerson, delay, subject_of
from baogong.people.tests.cast import NOON, WANG_PHONE, code_in, make_person, make_staff

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNKNOWN = "+8613999999999"


def ask(cast, number=WANG_PHONE, *, nonce="browser", address="10.0.0.1", at=NOON):
    signing.request_phone_code(cast.subdistrict_id, number, nonce=nonce, address=address, now=at)


def code_sent(cast, number=WANG_PHONE):
    """The newest code on its way to this number, as its owner will read it."""
    messages = Message.objects.within(cast.subdistrict_id).filter(kind="sign_in_code").order_by("-created_at", "-pk")
    return code_in(next(message for message in messages if message.address == number))


def verify(cast, typed, number=WANG_PHONE, *, nonce="browser", at=NOON):
    signing.verify_phone_code(cast.subdistrict_id, number, typed, nonce=nonce, now=at)


def wrong(cast, number=WANG_PHONE):
    """A code of six digits that was not sent."""
    return f"{(int(code_sent(cast, number)) + 1) % 1_000_000:06d}"


def test_a_code_opens_the_door_once(cast):
    ask(cast)
    code = code_sent(cast)

    verify(cast, f" {code[:3]} {code[3:]}")

    with pytest.raises(signing.WrongCode):
        verify(cast, code)


def test_nothing_stored_tells_the_code(cast):
    ask(cast)
    code = code_sent(cast)

    for model in (SignInCode, Message):
        row = model.objects.within(cast.subdistrict_id).get()
        assert code.encode() not in b"|".join(str(value).encode() for value in vars(row).values())


@pytest.mark.parametrize(("nonce", "later"), [("another browser", 0 * MINUTE), ("browser", 5 * MINUTE)])
def test_a_code_is_good_for_the_browser_that_asked_and_for_300_seconds(cast, nonce, later):
    ask(cast)

    with pytest.raises(signing.WrongCode):
        verify(cast, code_sent(cast), nonce=nonce, at=NOON + later)


def test_a_code_for_one_phone_opens_no_other(cast):
    ask(cast)
    code = code_sent(cast)

    with pytest.raises(signing.WrongCode):
        verify(cast, code, "+8613800000002")


def test_five_wrong_tries_kill_a_code(cast, settings):
    settings.BAOGONG_LIMITS = False  # without the waiting times, to see this rule alone
    ask(cast)
    for _ in range(5):
        with pytest.raises(signing.WrongCode):
            verify(cast, wrong(cast))

    with pytest.raises(signing.WrongCode):
        verify(cast, code_sent(cast))


def test_a_new_code_does_not_forget_the_failures(cast):
    ask(cast)
    for _ in range(5):
        with pytest.raises(signing.WrongCode):
            verify(cast, wrong(cast))

    ask(cast, at=NOON + MINUTE)
    verify_at = NOON + timedelta(seconds=1)
    with pytest.raises(TooMany):
        verify(cast, code_sent(cast), at=verify_at)

    verify(cast, code_sent(cast), at=NOON + MINUTE)
    assert not SignInFailures.objects.within(cast.subdistrict_id).filter(consecutive__gt=0).exists()


def test_waiting_times_grow_from_30_seconds_to_an_hour():
    assert [delay(n).total_seconds() for n in (1, 4, 5, 6, 7, 11, 12, 99)] == [0, 0, 30, 60, 120, 1920, 3600, 3600]


def test_at_most_30_guesses_a_day_are_looked_at(cast):
    """From many addresses, with a new code whenever one may be had: what was typed is not even compared any more."""
    looked_at = 0
    for quarter in range(24 * 4):
        at = NOON + quarter * 15 * MINUTE
        with contextlib.suppress(TooMany):
            ask(cast, address=f"10.0.{quarter}.1", at=at)
        for second in range(15):
            try:
                verify(cast, "not it", at=at + timedelta(seconds=second))
            except signing.WrongCode:
                looked_at += 1
            except TooMany:
                break

    assert 20 <= looked_at <= 30


def test_a_hundred_wrong_tries_in_a_row_close_the_sign_in_until_a_worker_opens_it(cast):
    SignInFailures.objects.create(
        subdistrict_id=cast.subdistrict_id, subject=subject_of("phone", WANG_PHONE), consecutive=100
    )
    ask(cast)
    with pytest.raises(InPerson):
        verify(cast, code_sent(cast))

    signing.unlock_household(cast.wang, actor=cast.actor(cast.worker), now=NOON)

    verify(cast, code_sent(cast))


@pytest.mark.parametrize(
    ("times", "again_after"),
    [([0], 60), ([0, 60, 120, 180, 240], 3600), ([0, 60, 120, 180, 240, 3600, 3660, 3720, 3780, 3840], 24 * 3600)],
)
def test_one_a_minute_five_an_hour_ten_a_day(cast, times, again_after):
    for second in times:
        ask(cast, at=NOON + timedelta(seconds=second))

    with pytest.raises(TooMany) as refusal:
        ask(cast, at=NOON + timedelta(seconds=max(times[-1] + 60, again_after) - 1) if len(times) > 1 else NOON)
    assert refusal.value.retry_after_s >= 1
    ask(cast, at=NOON + timedelta(seconds=again_after))


def test_limits_can_be_switched_off(cast, settings):
    settings.BAOGONG_LIMITS = False

    for _ in range(12):
        ask(cast)

    assert SignInCode.objects.within(cast.subdistrict_id).count() == 12


def test_one_address_gets_200_codes_an_hour(cast):
    for n in range(200):
        ask(cast, f"+86137{n:08d}")

    with pytest.raises(TooMany):
        ask(cast, "+8613699999999")
    ask(cast, "+8613699999999", address="10.0.0.2")
    ask(cast, "+8613699999998", at=NOON + HOUR)


def statements(queries):
    """What was done to which tables, without the values."""
    return [re.sub(r"'.*'|\bs\d+_x\d+|X'\w*'|\d+", "", query["sql"])[:150] for query in queries]


def test_an_unknown_number_makes_the_same_rows_and_is_sent_nothing(cast):
    with CaptureQueriesContext(connection) as known:
        ask(cast, address="10.0.0.1")
    with CaptureQueriesContext(connection) as unknown:
        ask(cast, UNKNOWN, address="10.0.0.2")

    assert statements(unknown) == statements(known)
    decoy = Message.objects.within(cast.subdistrict_id).get(state=Message.State.SENT)
    assert not Message.objects.everywhere().due(at=NOON).filter(pk=decoy.pk).exists()


def test_an_unknown_number_is_limited_and_refused_like_a_known_one(cast):
    ask(cast, UNKNOWN)
    with pytest.raises(TooMany):
        ask(cast, UNKNOWN)
    with pytest.raises(signing.WrongCode):
        verify(cast, "123456", UNKNOWN)

    assert signing.accounts_for_phone(cast.subdistrict_id, UNKNOWN, now=NOON) == []


def test_a_proved_number_opens_its_account(cast):
    assert signing.accounts_for_phone(cast.subdistrict_id, WANG_PHONE, now=NOON) == [cast.wang_account]


def test_the_contact_that_a_worker_took_down_gets_an_account_at_the_first_sign_in(cast):
    make_person(cast.subdistrict_id, "赵大爷", household=cast.zhao, phone=UNKNOWN, contact=True)

    first = signing.accounts_for_phone(cast.subdistrict_id, UNKNOWN, now=NOON)
    second = signing.accounts_for_phone(cast.subdistrict_id, UNKNOWN, now=NOON)

    assert first == second
    assert first[0].grants.get().area_id == cast.zhao.pk


def test_a_deactivated_account_is_not_made_anew_through_its_phone(cast):
    cast.wang_account.is_active = False
    cast.wang_account.save()

    assert signing.accounts_for_phone(cast.subdistrict_id, WANG_PHONE, now=NOON) == []


def test_a_member_of_a_merged_household_is_no_contact_any_more(cast):
    make_person(cast.subdistrict_id, "赵大爷", household=cast.zhao, phone=UNKNOWN, contact=True)
    Household.objects.filter(pk=cast.zhao.pk).update(ended_at=NOON)

    assert signing.people_with_phone(cast.subdistrict_id, UNKNOWN) == []


def test_a_code_opens_no_account_that_needs_a_second_factor(cast):
    make_staff(cast.subdistrict_id, "钱会计", "buyer", phone=UNKNOWN)

    assert signing.accounts_for_phone(cast.subdistrict_id, UNKNOWN, now=NOON) == []


def test_codes_are_forgotten_after_a_day(cast):
    ask(cast)

    codes = SignInCode.objects.within(cast.subdistrict_id)

    signing.forget_old_codes(now=NOON + DAY)
    assert codes.count() == 1
    signing.forget_old_codes(now=NOON + DAY + 6 * MINUTE)
    assert codes.count() == 0
