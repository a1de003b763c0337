from __future__ import annotations

import pytest

from baogong.distribution.tests.goods import make_order, make_round
from baogong.groupbuy.models import Round
from baogong.people.tests.cast import Cast, make_cast, make_point
from baogong.places.models import Point


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def gate(cast) -> Point:
    """The distribution point of the compound: two desks, open from 7 to 19."""
    return make_point(cast.compound, "东门")


@pytest.fixture
def buy(cast, gate) -> Round:
    """Wang gets rice and milk, Li rice, both in a controlled building; Zhao, in a sealed one, gets rice."""
    buy = make_round(cast, {"米": 5_000, "奶": 500}, cold={"奶"})
    make_order(buy, cast.wang, {"米": 2, "奶": 1})
    make_order(buy, cast.li, {"米": 1})
    make_order(buy, cast.zhao, {"米": 1})
    return buy
