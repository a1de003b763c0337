from __future__ import annotations

import pytest

from baogong.common.clock import now as clock_now
from baogong.common.imports import kind_named
from baogong.common.imports.files import export_path, import_path
from baogong.common.imports.testing import import_text
from baogong.common.models import Event
from baogong.people.models import Account, Duty, Grant, Person, Volunteer
from baogong.people.tests.cast import NOON, WANG_PHONE, make_building, make_community, make_compound

HEADER = "name,phone,role,area,duty,on_duty\n"
ZHANG = "13700000001"
QIAN = "13700000002"


@pytest.fixture
def bring(cast):
    """Import staff from text, after the header."""
    return lambda rows, **options: import_text("staff", HEADER + rows, actor=cast.system, now=NOON, **options)


@pytest.fixture
def bring_volunteers(cast):
    header = "姓名,电话,社区,小组,技能,在岗\n"
    return lambda rows: import_text("volunteers", header + rows, actor=cast.system, now=NOON)


@pytest.fixture
def tower(cast):
    """A building that nobody answers for yet."""
    return make_building(cast.compound, "20")


def counts(report):
    return report.created, report.changed, report.unchanged, report.merged, len(report.refused)


def refusals(report):
    return [(one.line, one.column, one.code) for one in report.refused]


def account_of(number) -> Account:
    return Account.objects.everywhere().get(person__in=Person.objects.everywhere().with_phone(f"+86{number}"))


def duties(building):
    return {duty.kind: (duty.account.name, duty.on_duty) for duty in building.duties.filter(ended_at=None)}


def test_a_worker_gets_a_sign_in_a_role_and_the_duty_for_a_building(bring, tower):
    report = bring(f"张敏,{ZHANG},包楼社工,20,责任人,是\n钱进,{QIAN},grid_worker,20号楼,deputy,no\n")

    assert counts(report) == (2, 0, 0, 0, 0)
    account = account_of(ZHANG)
    assert (account.name, account.username, account.has_usable_password()) == ("张敏", "zhangmin", False)
    [grant] = account.grants.all()
    assert (grant.role, grant.area, grant.area_id) == ("social_worker", "building", tower.pk)
    assert duties(tower) == {"responsible": ("张敏", True), "deputy": ("钱进", False)}


def test_importing_again_changes_nothing_and_writes_no_event(bring, cast, tower):
    rows = f"张敏,{ZHANG},social_worker,20,responsible,yes\n钱进,{QIAN},guard,松榆东里,none,\n"
    bring(rows)
    before = Event.objects.within(cast.subdistrict_id).count()

    assert counts(bring(rows)) == (0, 0, 2, 0, 0)
    assert Event.objects.within(cast.subdistrict_id).count() == before


def test_user_names_never_hold_the_phone_number_and_are_never_the_same(bring, tower):
    bring(
        f"张敏,{ZHANG},guard,松榆东里,none,\n张敏,{QIAN},guard,松榆东里,none,\n13700000003,13700000003,guard,松榆东里,none,\n"
    )

    names = set(Account.objects.everywhere().filter(grants__role="guard").values_list("username", flat=True))
    assert names == {"zhangmin", "zhangmin2", "staff11"}


def test_whoever_had_the_duty_is_relieved_with_an_event(bring, cast):
    report = bring(f"张敏,{ZHANG},social_worker,3,responsible,\n")

    assert counts(report) == (1, 0, 0, 0, 0)
    assert duties(cast.sealed)["responsible"] == ("张敏", True)
    assert Event.objects.within(cast.subdistrict_id).filter(verb="people.duty_ended").count() == 1
    assert Duty.objects.filter(account=cast.worker, building=cast.sealed).get().ended_at == NOON


def test_a_duty_for_a_compound_is_one_for_each_of_its_buildings(bring, cast, tower):
    report = bring(f"张敏,{ZHANG},social_worker,小区:东里/松榆东里,responsible,\n")

    assert counts(report) == (1, 0, 0, 0, 0)
    assert {duties(place)["responsible"][0] for place in (cast.building, cast.sealed, tower)} == {"张敏"}


def test_one_person_cannot_have_both_duties_and_nothing_of_the_row_stays(bring, cast, tower):
    report = bring(f"张敏,{ZHANG},social_worker,20,responsible,\n张敏,{ZHANG},grid_worker,20,deputy,\n")

    assert [(one.line, one.code) for one in report.refused] == [(3, "same_person")]
    assert Grant.objects.filter(account=account_of(ZHANG), subdistrict_id=cast.subdistrict_id).count() == 1


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (f"张敏,{ZHANG},king,3,none,", "role", "not_a_choice"),
        (f"张敏,{ZHANG},resident,3,none,", "role", "not_a_choice"),
        (f"张敏,{ZHANG},guard,nowhere,none,", "area", "unknown_area"),
        (f"张敏,{ZHANG},guard,东里,responsible,", "duty", "duty_needs_worker"),
        (f"张敏,{ZHANG},buyer,东里,none,", "area", "wrong_area"),
        (f"张敏,{ZHANG},social_worker,3,maybe,", "duty", "not_a_choice"),
        ("张敏,123,guard,东里,none,", "phone", "not_a_phone"),
        (f",{ZHANG},guard,东里,none,", "name", "missing"),
        (f"张敏,{ZHANG},guard,东里,,", "duty", "missing"),
    ],
)
def test_rows_that_cannot_be_are_refused_and_make_no_account(bring, cast, row, column, code):
    before = Account.objects.within(cast.subdistrict_id).count()

    assert refusals(bring(row + "\n")) == [(2, column, code)]
    assert Account.objects.within(cast.subdistrict_id).count() == before


def test_the_whole_subdistrict_is_an_area_for_those_whose_role_needs_it(bring, cast):
    assert counts(bring(f"张敏,{ZHANG},buyer,全街道,none,\n钱进,{QIAN},command_post,榆树街道,none,\n")) == (
        2,
        0,
        0,
        0,
        0,
    )
    assert account_of(ZHANG).grants.get().area == "subdistrict"


def test_an_area_that_may_be_two_things_says_how_to_write_it(bring, cast):
    make_compound(make_community(cast.subdistrict, "西里"), "东里")

    report = bring(f"张敏,{ZHANG},guard,东里,none,\n钱进,{QIAN},guard,社区:东里,none,\n")

    assert refusals(report) == [(2, "area", "ambiguous_area")]
    assert "小区:西里/东里" in report.refused[0].reason
    assert account_of(QIAN).grants.get().area == "community"


def test_a_resident_of_the_same_name_and_phone_works_with_the_own_account(bring, cast):
    bring(f"王伟,{WANG_PHONE},volunteer,东里,none,\n")

    assert {grant.role for grant in cast.wang_account.grants.all()} == {"resident", "volunteer"}


def test_somebody_else_with_a_residents_phone_gets_an_account_of_the_own(bring, cast):
    bring(f"张敏,{WANG_PHONE},guard,东里,none,\n")

    assert [grant.role for grant in cast.wang_account.grants.all()] == ["resident"]
    assert Account.objects.within(cast.subdistrict_id).filter(name="张敏").count() == 1


def test_a_worker_who_is_called_otherwise_now_is_renamed(bring, tower):
    bring(f"张敏,{ZHANG},guard,松榆东里,none,\n")

    assert counts(bring(f"张晓敏,{ZHANG},guard,松榆东里,none,\n")) == (0, 1, 0, 0, 0)
    assert account_of(ZHANG).name == "张晓敏"


def test_the_last_one_on_duty_is_not_taken_off_by_a_list(bring, cast, tower):
    bring(f"张敏,{ZHANG},social_worker,20,responsible,yes\n")

    report = bring(f"张敏,{ZHANG},social_worker,20,responsible,no\n")

    assert [one.code for one in report.refused] == ["last_worker"]


def test_importing_an_export_of_staff_changes_nothing(bring, cast, tower, tmp_path):
    bring(
        f"张敏,{ZHANG},social_worker,小区:东里/松榆东里,responsible,\n钱进,{QIAN},grid_worker,社区:东里,none,\n"
        f"钱进,{QIAN},grid_worker,20,deputy,no\n何平,13700000004,admin,全街道,none,\n"
    )
    path = tmp_path / "staff.xlsx"

    exported = export_path(kind_named("staff"), path, actor=cast.system, now=clock_now())
    report = import_path(kind_named("staff"), path, actor=cast.system, now=clock_now())

    assert (report.read, report.unchanged, report.refused) == (exported, exported, [])
    assert exported == 4


# ---------------------------------------------------------------- volunteers


def test_volunteers_come_in_by_group_with_skills_and_duty(bring_volunteers, cast):
    report = bring_volunteers(f"张敏,{ZHANG},东里,第二组,搬运、开车,是\n钱进,{QIAN},东里,第二组,,\n")

    assert counts(report) == (2, 0, 0, 0, 0)
    volunteer = Volunteer.objects.select_related("group").get(account=account_of(ZHANG))
    assert (volunteer.group.name, volunteer.skills, volunteer.on_duty) == ("第二组", ["搬运", "开车"], True)
    assert account_of(QIAN).grants.get().area_id == cast.community.pk


def test_importing_volunteers_again_changes_nothing(bring_volunteers, cast):
    rows = f"张敏,{ZHANG},东里,第二组,搬运,是\n"
    bring_volunteers(rows)
    before = Event.objects.within(cast.subdistrict_id).count()

    assert counts(bring_volunteers(rows)) == (0, 0, 1, 0, 0)
    assert Event.objects.within(cast.subdistrict_id).count() == before


def test_a_volunteer_who_goes_to_another_community_leaves_the_former_one(bring_volunteers, cast):
    west = make_community(cast.subdistrict, "西里")
    bring_volunteers(f"张敏,{ZHANG},东里,第二组,,是\n")

    report = bring_volunteers(f"张敏,{ZHANG},西里,第一组,,否\n")

    assert counts(report) == (0, 1, 0, 0, 0)
    assert [grant.area_id for grant in account_of(ZHANG).grants.filter(until=None)] == [west.pk]
    assert not Volunteer.objects.get(account=account_of(ZHANG)).on_duty


def test_a_community_that_is_not_there_is_refused(bring_volunteers):
    assert refusals(bring_volunteers(f"张敏,{ZHANG},北里,第一组,,\n")) == [(2, "community", "unknown_community")]


def test_importing_an_export_of_volunteers_changes_nothing(bring_volunteers, cast, tmp_path):
    bring_volunteers(f"张敏,{ZHANG},东里,第二组,搬运、开车,是\n钱进,{QIAN},东里,第二组,,\n")
    path = tmp_path / "volunteers.csv"

    exported = export_path(kind_named("volunteers"), path, actor=cast.system, now=NOON)
    report = import_path(kind_named("volunteers"), path, actor=cast.system, now=NOON)

    assert (exported, report.unchanged) == (2, 2)
