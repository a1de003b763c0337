import uuid

import pytest

from baogong.common.rows import UnscopedQuery
from baogong.places.models import Community, Compound, Subdistrict

pytestmark = pytest.mark.django_db


@pytest.fixture
def elm():
    subdistrict = Subdistrict.objects.create(name="榆树街道")
    return Community.objects.create(subdistrict_id=subdistrict.pk, name="东里")


@pytest.mark.parametrize(
    "run", [list, lambda rows: rows.count(), lambda rows: rows.update(name="x"), lambda rows: rows.delete()]
)
def test_a_query_over_all_subdistricts_is_refused_unless_it_is_said(elm, run):
    with pytest.raises(UnscopedQuery, match="Community"):
        run(Community.objects.all())

    assert Community.objects.everywhere().count() == 1


def test_a_query_within_one_subdistrict_sees_only_its_rows(elm):
    Community.objects.create(subdistrict_id=uuid.uuid4(), name="别处")

    assert [c.name for c in Community.objects.within(elm.subdistrict_id)] == ["东里"]


def test_rows_reached_from_a_row_need_no_further_scope(elm):
    Compound.objects.create(subdistrict_id=elm.subdistrict_id, community=elm, name="松榆东里")

    assert elm.compounds.count() == 1
    assert Compound.objects.filter(community=elm).get().community == elm
    assert Community.objects.get(pk=elm.pk) == elm
    assert [c.compounds.all()[0].name for c in Community.objects.filter(pk=elm.pk).prefetch_related("compounds")] == [
        "松榆东里"
    ]


def test_an_exclusion_by_id_does_not_bind_a_query(elm):
    with pytest.raises(UnscopedQuery):
        list(Community.objects.exclude(pk=elm.pk))


def test_the_ids_of_parent_rows_bind_a_query_and_other_ids_do_not(elm):
    assert list(Compound.objects.filter(community_id__in=[elm.pk])) == []
    assert list(Compound.objects.filter(community_id=elm.pk)) == []
    with pytest.raises(UnscopedQuery):
        list(Compound.objects.filter(name="松榆东里"))
    with pytest.raises(UnscopedQuery):
        list(Community.objects.filter(pk__gt=elm.pk))
