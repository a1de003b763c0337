from __future__ import annotations

import pytest

from baogong.common.errors import NotAllowed
from baogong.people.search import search
from baogong.people.services import merge_households
from baogong.people.tests.cast import (
    NOON,
    make_building,
    make_community,
    make_compound,
    make_household,
    make_resident,
    make_subdistrict,
)


def found(cast, query, who=None):
    return [(hit.kind, hit.title) for hit in search(cast.actor(who or cast.worker), query)]


@pytest.mark.parametrize("query", ["12/2/502", "12-2-502", "12 2 502", "2-502", "502"])
def test_a_door_is_found_as_people_write_it(cast, query):
    assert found(cast, query) == [("household", "12号楼 2单元 502")]


def test_an_exact_door_goes_before_doors_that_only_contain_it(cast):
    make_household(cast.sealed, "1502")

    assert found(cast, "502") == [("household", "12号楼 2单元 502")]
    assert found(cast, "1502") == [("household", "3号楼 1502")]


@pytest.mark.parametrize("query", ["王伟", "wangwei", "ww", "wang wei", "WangWei", "wang"])
def test_a_name_is_found_by_characters_pinyin_and_initials(cast, query):
    assert ("person", "王伟") in found(cast, query)


@pytest.mark.parametrize("query", ["13800000001", "138 0000 0001", "+86 138-0000-0001", "１３８０００００００１"])
def test_a_phone_is_found_only_as_a_whole(cast, query):
    assert found(cast, query) == [("person", "王伟")]


@pytest.mark.parametrize("query", ["1380000000", "0000001", "13800000009", "王", "", " ", "%%", "__", "zzzz"])
def test_what_is_too_short_partly_or_unknown_finds_nobody(cast, query):
    assert [kind for kind, _title in found(cast, query)].count("person") == 0


def test_buildings_are_found_by_code_name_and_compound(cast):
    assert found(cast, "12号楼")[-1] == ("building", "12号楼")
    assert ("building", "3号楼") in found(cast, "松榆")


def test_nothing_of_another_community_or_subdistrict_is_found(cast):
    far = make_household(make_building(make_compound(make_community(cast.subdistrict, "西里"), "西里"), "41"), "999")
    make_resident(far, "钱多", phone="+8613800000077")
    other = make_subdistrict("望京街道")
    make_resident(make_household(make_building(make_compound(make_community(other)), "12"), "502"), "钱多")

    for query in ("999", "钱多", "13800000077", "41"):
        assert found(cast, query) == []
    assert [title for _kind, title in found(cast, "钱多", cast.operator)] == ["钱多"]


def test_roles_without_the_box_are_refused(cast):
    for who in (cast.wang_account, cast.volunteer):
        with pytest.raises(NotAllowed):
            search(cast.actor(who), "王伟")


def test_a_merged_household_is_found_once(cast):
    merge_households(cast.li, cast.wang, actor=cast.actor(cast.worker), now=NOON)

    assert found(cast, "12/2/502") == [("household", "12号楼 2单元 502")]
    assert found(cast, "李娜") == [("person", "李娜")]


def test_no_result_carries_a_phone_number(cast):
    hits = search(cast.actor(cast.worker), "13800000001")

    assert "1380000" not in str(hits)


def test_at_most_twenty_of_a_kind_with_a_constant_number_of_queries(cast, django_assert_max_num_queries):
    for flat in range(1001, 1041):
        make_resident(make_household(cast.sealed, str(flat)), "周杰")

    with django_assert_max_num_queries(8):
        hits = search(cast.actor(cast.worker), "周杰")

    assert len(hits) == 20
