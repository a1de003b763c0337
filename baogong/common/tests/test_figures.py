"""Figures: a subdistrict's own value goes before the default, with its source, and nonsense is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from baogong.common.actors import Actor
from baogong.common.figures import FIGURES, BadFigure, figure, set_figure, whole
from baogong.common.ids import new_id
from baogong.common.models import Event, FigureSetting
from baogong.people.tests.cast import NOON

pytestmark = pytest.mark.django_db
HERE = UUID(int=1)
BOSS = Actor(HERE, new_id(), "admin")


def put(name: str, value: object, source: str = "measured", *, actor: Actor = BOSS, now=NOON) -> FigureSetting:
    return set_figure(name, Decimal(str(value)), source, actor=actor, now=now)


def test_a_figure_counts_from_when_it_is_set_and_here_only():
    assert whole("turns.desks", HERE) == 2

    put("turns.desks", 3)

    assert (whole("turns.desks", HERE), whole("turns.desks", UUID(int=2))) == (3, 2)
    [kept] = Event.objects.within(HERE).filter(verb="common.figure_set")
    assert kept.values == {"name": "turns.desks", "before": 2, "after": 3, "source": "measured"}
    assert kept.actor_id == BOSS.account_id


def test_the_newest_setting_counts_and_the_older_one_stays():
    for value, hours in ((3, 0), (4, 1)):
        put("turns.desks", value, now=NOON + timedelta(hours=hours))

    assert figure("turns.desks", HERE) == 4
    assert FigureSetting.objects.within(HERE).count() == 2


def test_two_settings_of_one_moment_keep_their_order():
    put("turns.desks", 3)
    put("turns.desks", 4)

    assert whole("turns.desks", HERE) == 4


def test_the_same_again_is_no_change():
    first = put("turns.desks", 3)

    assert put("turns.desks", 3, now=NOON + timedelta(hours=1)) == first
    assert Event.objects.within(HERE).count() == 1


@pytest.mark.parametrize(
    ("name", "value", "source", "field"),
    [
        ("turns.tables", 3, "measured", "name"),
        ("turns.desks", 0, "measured", "value"),
        ("turns.desks", -1, "measured", "value"),
        ("turns.desks", 51, "measured", "value"),
        ("turns.desks", "2.5", "measured", "value"),
        ("turns.desks", "NaN", "measured", "value"),
        ("turns.desks", "Infinity", "measured", "value"),
        ("turns.opens_hour", 19, "measured", "value"),
        ("turns.closes_hour", 7, "measured", "value"),
        ("turns.desks", 3, "  ", "source"),
        ("turns.desks", 3, "x" * 201, "source"),
    ],
)
def test_nonsense_is_refused_and_names_the_field(name, value, source, field):
    with pytest.raises(BadFigure) as refused:
        put(name, value, source)

    assert refused.value.facts["field"] == field
    assert not FigureSetting.objects.within(HERE).exists()


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_every_default_lies_within_its_bounds(name):
    meant = FIGURES[name]

    assert meant.least <= meant.default <= meant.most
    assert meant.source
    assert meant.title
