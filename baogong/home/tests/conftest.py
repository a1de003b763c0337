from __future__ import annotations

import pytest
import time_machine

from baogong.groupbuy.models import Round
from baogong.groupbuy.tests.rounds import open_round_of
from baogong.people.tests.cast import NOON, Cast, make_cast, make_point
from baogong.places.models import Point
from baogong.supply.models import Offer, Supplier
from baogong.supply.tests.market import make_offer, make_supplier


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def noon():
    """12:00 on 24 November, standing still."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def gate(cast) -> Point:
    """The distribution point at the east gate."""
    return make_point(cast.compound)


@pytest.fixture
def jkl(cast) -> Supplier:
    return make_supplier(cast.subdistrict_id)


@pytest.fixture
def rice(jkl) -> Offer:
    return make_offer(jkl, "rice", "大米", price_fen=2000)


@pytest.fixture
def buy(cast, rice) -> Round:
    """Rice, open until four."""
    return open_round_of(cast, rice)
