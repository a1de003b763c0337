import pytest

from baogong.common.ids import normal_code, secret_code
from baogong.common.search import matching, search_text
from baogong.common.sorting import natural_key
from baogong.places.models import Community, Subdistrict


def test_building_numbers_sort_as_numbers():
    assert sorted(["10号楼", "2号楼", "1号楼"], key=natural_key) == ["1号楼", "2号楼", "10号楼"]


def test_the_search_text_holds_characters_pinyin_and_initials():
    assert search_text("王伟", "A3") == "王伟 wangwei ww a3"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("王伟", True),
        ("wangw", True),
        ("ww", True),
        ("王", False),
        ("伟王", False),
        ("ww 12-2", True),
        ("ww 13", False),
    ],
)
def test_two_characters_find_a_row_and_one_finds_none(query, found):
    subdistrict = Subdistrict.objects.create(name="榆树街道")
    Community.objects.create(subdistrict_id=subdistrict.pk, name=search_text("王伟", "12-2-502"))
    rows = Community.objects.within(subdistrict.pk).filter(matching(query, ["name"]))

    assert rows.exists() is found


def test_a_code_read_aloud_or_written_by_hand_is_still_understood():
    code = secret_code(8)

    assert len(code) == 8
    assert normal_code(f" {code[:4].lower()}-{code[4:]} ") == code
    assert normal_code("oil1") == "0111"
