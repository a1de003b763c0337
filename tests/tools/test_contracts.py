"""The two rules of the house that import-linter has no contract for."""

import pytest
from grimp import ImportGraph

from tools.contracts import DoorsContract, PureContract


def graph_of(*imports):
    graph = ImportGraph()
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    return graph


def breaches(contract, *imports):
    return contract.check(graph_of(*imports), verbose=False).metadata["breaches"]


@pytest.fixture
def doors():
    options = {"doors": ["views", "api"], "may_use_doors": ["config"], "shared": ["common"]}
    return DoorsContract("doors", {}, options)


@pytest.fixture
def pure():
    return PureContract("pure", {}, {"pure": ["planning"], "forbidden": ["django"]})


def test_a_door_of_another_room_is_refused(doors):
    breach = ("baogong.home.queries", "baogong.supply.views.lists")
    assert breaches(doors, breach, ("baogong.home.queries", "baogong.supply.queries")) == [breach]


@pytest.mark.parametrize("importer", ["baogong.supply.urls", "baogong.config.urls", "baogong.home.tests.test_views"])
def test_a_door_is_used_by_its_own_room_by_config_and_by_tests(doors, importer):
    assert breaches(doors, (importer, "baogong.supply.views")) == []


def test_what_common_has_for_all_doors_is_free(doors):
    assert breaches(doors, ("baogong.supply.api", "baogong.common.api")) == []


@pytest.mark.parametrize("imported", ["django.db", "baogong.common.money"])
def test_a_pure_room_knows_no_django_and_no_other_room(pure, imported):
    breach = ("baogong.planning.turns", imported)
    assert breaches(pure, breach) == [breach]


def test_a_pure_room_imports_itself_and_solvers(pure):
    imports = [("baogong.planning.turns", "baogong.planning.checks"), ("baogong.planning.turns", "ortools.sat.python")]
    assert breaches(pure, *imports) == []
