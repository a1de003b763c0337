from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from baogong.web import words

NOW = datetime(2026, 5, 18, 5, 20, tzinfo=UTC)  # 13:20 in Shanghai


def at(day: int, hour: int, minute: int = 0, *, month: int = 5, year: int = 2026) -> datetime:
    """A moment by Shanghai's clocks."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture(params=["zh-hans", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def chinese():
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(4500, "¥45.00"), (1_413_000, "¥14,130.00"), (5, "¥0.05"), (0, "¥0.00"), (-367, "−¥3.67"), (None, "")],
)
def test_fen_read_as_yuan_with_two_decimals(fen, shown):
    assert words.fen(fen) == shown


def test_a_column_of_money_has_no_sign_of_its_own():
    assert words.yuan(104_500) == "1,045.00"


@pytest.mark.parametrize(("fen", "shown"), [(4500, "45 元"), (3280, "32.8 元"), (10_835, "108.35 元"), (0, "0 元")])
def test_in_large_type_money_has_no_needless_zeros(chinese, fen, shown):
    assert words.yuan_words(fen) == shown


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (at(18, 14, 20), "今天 14:20"),
        (at(19, 9), "明天 9:00"),
        (at(17, 15, 12), "昨天 15:12"),
        (at(20, 8), "5月20日 8:00"),
        (at(18, 8, year=2025), "2025年5月18日 8:00"),
        (None, ""),
    ],
)
def test_a_moment_leads_with_its_day(chinese, moment, shown):
    assert words.when(moment, NOW) == shown


def test_english_says_the_same(chinese):
    with translation.override("en"):
        assert words.when(at(19, 9), NOW) == "tomorrow 9:00"
        assert words.when(at(20, 8), NOW) == "20 May 8:00"
        assert words.span(at(19, 9), at(19, 12)) == "9:00–12:00"
        assert words.age(9600) == "2 h 40 min"
        assert words.yuan_words(3280) == "32.8 yuan"


def test_the_day_is_the_subdistricts_and_not_that_of_utc(chinese):
    just_after_midnight = at(19, 0, 5)

    assert just_after_midnight.day == 18
    assert words.day(just_after_midnight, NOW) == "明天"


def test_a_bare_date_reads_like_a_moment(chinese):
    assert words.day(date(2026, 5, 19), NOW) == "明天"


def test_a_span_names_its_day_once(chinese):
    assert words.span(at(18, 9), at(18, 12)) == "9:00—12:00"
    assert words.when_span(at(20, 9, year=2027), at(20, 12, year=2027)) == "2027年5月20日 9:00—12:00"


def test_a_span_over_midnight_names_both_days(chinese):
    assert words.span(at(20, 22, year=2027), at(21, 6, year=2027)) == "2027年5月20日 22:00—2027年5月21日 6:00"
    assert words.when_span(at(20, 22, year=2027), at(21, 6, year=2027)).count("2027年5月20日") == 1


def test_midnight_ends_its_own_day(chinese):
    assert words.span(at(20, 22, year=2027), at(21, 0, year=2027)) == "22:00—0:00"


@pytest.mark.parametrize(
    ("hour", "minute", "shown"),
    [
        (16, 0, "下午 4 点"),
        (9, 30, "上午 9 点 30 分"),
        (12, 0, "中午 12 点"),
        (0, 5, "凌晨 12 点 5 分"),
        (7, 0, "早上 7 点"),
        (20, 0, "晚上 8 点"),
    ],
)
def test_large_type_says_the_hour_as_people_speak(chinese, hour, minute, shown):
    assert words.spoken(at(18, hour, minute)) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (30, "不到 1 分"),
        (40 * 60, "40 分"),
        (9600, "2 小时 40 分"),
        (timedelta(hours=3), "3 小时"),
        (timedelta(hours=31, minutes=12), "31 小时"),
        (timedelta(hours=61), "61 小时"),
        (timedelta(days=4, hours=3), "4 天"),
        (NOW - timedelta(minutes=9), "9 分"),
        (NOW + timedelta(minutes=9), "9 分"),
        (None, ""),
    ],
)
def test_a_length_of_time_is_as_exact_as_it_needs_to_be(chinese, length, shown):
    assert words.age(length, NOW) == shown


@pytest.mark.parametrize(
    ("grams", "shown"), [(8400, "8.4 kg"), (5000, "5 kg"), (1250, "1.25 kg"), (750, "750 g"), (None, "")]
)
def test_weights_are_kilograms_from_one_kilogram_on(grams, shown):
    assert words.kg(grams) == shown


def test_older_people_count_in_jin(chinese):
    assert words.jin(8400) == "16.8 斤"


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800001234", "138****1234"),
        ("+86 138 0000 1234", "138****1234"),
        ("65550120", "****0120"),
        ("120", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_masked_phone_keeps_what_tells_two_numbers_apart(phone, masked):
    assert words.masked_phone(phone) == masked


def test_phones_are_shown_in_groups_and_dialled_without():
    assert words.spaced_phone("13800004126") == "138 0000 4126"
    assert words.spaced_phone("6555-0120") == "6555 0120"
    assert words.spaced_phone("120") == "120"
    assert words.dialled_phone("+86 138-0000-4126") == "+8613800004126"


def test_every_word_takes_nothing_for_nothing(language):
    everything = (words.fen, words.yuan, words.yuan_words, words.clock, words.day, words.when, words.spoken, words.age)

    assert [word(None) for word in (*everything, words.kg, words.jin, words.masked_phone, words.spaced_phone)] == [
        ""
    ] * 12
    assert words.span(None, None) == words.when_span(None, None) == ""
