from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from baogong.people.finding import find_households
from baogong.people.models import Household
from baogong.people.tests.cast import make_household


def code_of(cast, text):
    """The code of what is found, or of the refusal."""
    return find_households(cast.subdistrict_id, [text])[text].code


@pytest.mark.parametrize("text", ["12/2/502", "12/502", " 12/2单元/502 ", "１２/2/502", "/12/2/502/"])
def test_a_household_is_found_by_its_door(cast, text):
    found = find_households(cast.subdistrict_id, [text])[text]

    assert isinstance(found, Household)
    assert found.pk == cast.wang.pk


def test_a_flat_that_several_units_have_needs_the_unit(cast):
    make_household(cast.building, "502", unit=cast.building.units.get(name="1"))

    assert code_of(cast, "12/502") == "ambiguous_household"
    assert code_of(cast, "12/1/502") == "12/1/502"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("99/101", "unknown_building"),
        ("12/999", "unknown_household"),
        ("12/1/502", "unknown_household"),
        ("502", "unknown_household"),
        ("", "unknown_household"),
        ("12/2/5/02", "unknown_household"),
    ],
)
def test_what_is_not_there_is_told_apart(cast, text, code):
    assert code_of(cast, text) == code


def test_many_are_found_with_a_constant_number_of_queries(cast):
    def queries(texts):
        with CaptureQueriesContext(connection) as seen:
            for household in find_households(cast.subdistrict_id, texts).values():
                if isinstance(household, Household):
                    str(household.building.compound.name), str(household.unit)
        return len(seen)

    few = queries(["12/2/502", "12/999"])
    assert queries(["12/2/502", "12/301", "3/101", *[f"12/{number}" for number in range(900)]]) == few
