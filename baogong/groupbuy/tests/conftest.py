from __future__ import annotations

import pytest

from baogong.people.tests.cast import Cast, make_cast
from baogong.supply.models import Offer, Supplier
from baogong.supply.tests.market import make_offer, make_supplier


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def jkl(cast) -> Supplier:
    """Jingkelong, without minimum or fee."""
    return make_supplier(cast.subdistrict_id)


@pytest.fixture
def rice(jkl) -> Offer:
    """20 yuan a bag, single bags, at most 5 per household, plenty."""
    return make_offer(jkl, "rice", "大米", price_fen=2000)


@pytest.fixture
def greens(jkl) -> Offer:
    """6 yuan, cases of 4, at most 5 per household, 40 in stock."""
    return make_offer(jkl, "greens", "白菜", price_fen=600, pack_size=4, stock=40)
