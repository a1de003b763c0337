"""Turns as a timetable, worked out without a page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baogong.home.tests.stage import TURN_AT, make_plan, make_turn
from baogong.home.timetable import point_tables
from baogong.people.tests.cast import NOON, make_building, make_point
from baogong.web.parts import Cell


@pytest.fixture
def plan(cast):
    return make_plan(cast)


def test_an_hour_a_line_with_free_slots_empty_and_the_own_one_marked(cast, gate, plan):
    turns = [make_turn(plan, gate, cast.building), make_turn(plan, gate, cast.sealed, TURN_AT + timedelta(minutes=20))]

    [table] = point_tables(turns, cast.building.pk, NOON)

    [row] = table.rows
    assert row.hour == 14
    assert row.cells == [
        Cell(0), Cell(10), Cell(20, "12号", "me"), Cell(30), Cell(40, "3号"), Cell(50),
    ]  # fmt: skip
    assert table.slot_minutes == 10


def test_what_is_over_is_past(cast, gate, plan):
    [table] = point_tables([make_turn(plan, gate, cast.sealed, NOON - timedelta(hours=1))], cast.building.pk, NOON)

    assert table.rows[0].cells[0] == Cell(0, "3号", "past")


def test_hours_in_between_stand_there_too(cast, gate, plan):
    turns = [make_turn(plan, gate, cast.building, NOON), make_turn(plan, gate, cast.sealed, NOON + timedelta(hours=2))]

    [table] = point_tables(turns, None, NOON)

    assert [row.hour for row in table.rows] == [12, 13, 14]


def test_each_point_has_its_table_the_readers_first(cast, gate, plan):
    west = make_point(cast.compound, "西门")
    turns = [make_turn(plan, gate, cast.sealed), make_turn(plan, west, cast.building)]

    tables = point_tables(turns, cast.building.pk, NOON)

    assert [table.point.name for table in tables] == ["西门", "东门"]
    assert [len(table.mine) for table in tables] == [1, 0]


def test_turns_off_the_grid_are_shown_as_they_are(cast, gate, plan):
    turns = [make_turn(plan, gate, make_building(cast.compound, "7"), TURN_AT + timedelta(minutes=3))]

    [table] = point_tables(turns, None, NOON)

    assert table.rows[0].cells == [Cell(23, "7号")]


def test_without_turns_there_is_no_table():
    assert point_tables([], None, NOON) == []
