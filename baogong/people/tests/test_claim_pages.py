from __future__ import annotations

import re
import uuid

import pytest
from django.urls import reverse

from baogong.people.models import Account, Household, SignInCode
from baogong.people.tests.cast import NOON, PASSWORD, make_person, make_staff


def url(name, *args):
    return reverse(f"people:{name}", args=args)


def qr_links(monkeypatch):
    """What the QR codes of the next page will say, as they are made."""
    links = []

    def note(text, **kwargs):
        links.append(text)
        return ""

    monkeypatch.setattr("baogong.people.views.buildings.qr_svg", note)
    return links


@pytest.fixture
def letters(client, cast):
    """The codes as they stand on the printed letters, by door."""
    client.force_login(cast.worker)
    page = client.post(url("print_letters", cast.building.pk)).content.decode()
    client.logout()
    doors = re.findall(r"<strong>(.+?)</strong>", page)
    codes = re.findall(r'<b class="xl nw">(\w{4}) (\w{4})</b>', page)
    return dict(zip(doors, map("".join, codes), strict=True))


def test_letters_are_printed_one_for_each_door(letters):
    assert list(letters) == ["12号楼 2单元 301", "12号楼 2单元 502"]


def test_looking_at_the_page_before_makes_no_codes(client, cast):
    client.force_login(cast.worker)

    client.get(url("letters", cast.building.pk))

    assert not SignInCode.objects.within(cast.subdistrict_id).exists()


def test_a_letters_qr_code_keeps_its_secret_from_servers(client, cast, monkeypatch):
    links = qr_links(monkeypatch)
    client.force_login(cast.worker)

    client.post(url("print_letters", cast.building.pk))

    assert all(re.fullmatch(r"http://testserver/people/claim/#\w{8}", link) for link in links)
    assert len(links) == 2


def test_the_holder_of_a_letter_is_in_and_is_asked_for_a_number(client, cast, letters):
    response = client.post(url("claim"), {"code": letters["12号楼 2单元 502"], "name": "王奶奶"})

    assert (response.status_code, response["Location"]) == (303, url("phone"))
    account = Account.objects.within(cast.subdistrict_id).get(name="王奶奶")
    assert client.session["_auth_user_id"] == str(account.pk)
    assert "王奶奶" in client.get(url("household")).content.decode()


def test_a_wrong_code_keeps_what_was_typed_and_makes_nobody(client, cast, letters):
    before = Account.objects.within(cast.subdistrict_id).count()

    response = client.post(url("claim"), {"code": "XXXX XXXX", "name": "王奶奶"})

    assert response.status_code == 422
    assert "王奶奶" in response.content.decode()
    assert Account.objects.within(cast.subdistrict_id).count() == before


def test_somebody_who_is_signed_in_claims_without_a_name_and_goes_on_as_a_resident(client, cast, letters):
    gao = make_staff(cast.subdistrict_id, "高山", "grid_worker", username="gao", password=PASSWORD)
    client.force_login(gao)

    response = client.post(url("claim"), {"code": letters["12号楼 2单元 502"]})

    assert response.status_code == 303
    assert client.session["role"] == "resident"
    assert client.get(url("household")).status_code == 200


def test_a_resident_invites_another_who_types_the_code(client, cast):
    client.force_login(cast.wang_account)
    page = client.post(url("invite")).content.decode()
    code = re.findall(r"<b>([0-9A-Z]{8})</b>", page)[0]
    client.logout()

    client.post(url("claim"), {"code": code, "name": "王芳"})

    fang = Account.objects.within(cast.subdistrict_id).get(name="王芳")
    assert fang.grants.get().area_id == cast.wang.pk


def test_a_full_household_invites_nobody(client, cast):
    client.force_login(cast.wang_account)
    for _ in range(7):
        assert client.post(url("invite")).status_code == 200

    response = client.post(url("invite"), follow=True)

    assert "8" in response.content.decode()
    assert SignInCode.objects.within(cast.subdistrict_id).count() == 7


# ---------------------------------------------------------------- doors and posters


def change(client, name, household, **values):
    return client.post(url(name, household.pk), {"idempotency_key": str(uuid.uuid4()), **values})


def test_a_worker_moves_a_household_at_the_door(client, cast):
    client.force_login(cast.worker)

    response = change(client, "move", cast.wang, building="12", unit="1单元", flat="502", floor="5")

    assert response["Location"] == url("door", cast.wang.pk)
    cast.wang.refresh_from_db()
    assert cast.wang.code == "12/1/502"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"building": "12", "unit": "2", "flat": "301"}, "12/2/301"),
        ({"building": "12", "unit": "9", "flat": "301"}, "1, 2"),
        ({"building": "12", "unit": "", "flat": "301"}, "1, 2"),
        ({"building": "77", "unit": "", "flat": "301"}, "77"),
        ({"building": "3", "unit": "", "flat": ""}, ""),
        ({"building": "3", "unit": "", "flat": "1/1"}, "/"),
    ],
)
def test_a_door_that_cannot_be_is_refused_beside_what_was_typed(client, cast, values, said):
    client.force_login(cast.worker)

    response = change(client, "move", cast.wang, **values)

    assert response.status_code == 422
    assert said in response.content.decode()
    cast.wang.refresh_from_db()
    assert cast.wang.code == "12/2/502"


def test_a_form_that_is_sent_twice_has_one_effect(client, cast):
    client.force_login(cast.worker)
    values = {"building": "3", "flat": "601", "people": "1", "infants": "0", "elderly": "0"}
    key = {"idempotency_key": str(uuid.uuid4())}

    answers = [client.post(url("split", cast.wang.pk), values | key) for _ in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    cast.wang.refresh_from_db()
    assert cast.wang.people == 2


def test_members_go_along_when_a_household_is_split(client, cast):
    fang = make_person(cast.subdistrict_id, "王芳", household=cast.wang)
    client.force_login(cast.worker)

    change(
        client, "split", cast.wang, members=str(fang.pk), building="3", flat="601", people="1", infants="0", elderly="0"
    )

    assert Household.objects.within(cast.subdistrict_id).get(members=fang).code == "3/601"


def test_a_neighbours_person_cannot_be_taken_along(client, cast):
    client.force_login(cast.worker)

    response = change(
        client, "split", cast.wang, members=str(cast.li_account.person_id), building="3", flat="601", people="1"
    )

    assert response.status_code == 422
    assert not Household.objects.within(cast.subdistrict_id).filter(code="3/601").exists()


def test_households_are_merged_only_within_reach(client, cast):
    from baogong.people.tests.cast import make_building, make_community, make_compound, make_household

    far = make_household(make_building(make_compound(make_community(cast.subdistrict, "西里")), "41"), "101")
    client.force_login(cast.worker)

    assert change(client, "merge", cast.wang, into=far.code).status_code == 422
    assert change(client, "merge", cast.wang, into="12/2/301")["Location"] == url("door", cast.li.pk)


def test_a_merged_households_page_is_that_of_the_one_it_went_into(client, cast):
    client.force_login(cast.worker)
    change(client, "merge", cast.wang, into="12/2/301")

    page = client.get(url("door", cast.wang.pk)).content.decode()

    assert "王伟" in page
    assert "李娜" in page


def test_numbers_are_masked_on_the_doors_page(client, cast):
    client.force_login(cast.worker)

    page = client.get(url("door", cast.wang.pk)).content.decode()

    assert "138****0001" in page
    assert "13800000001" not in page


def test_a_poster_leads_to_its_building_with_its_secret(client, cast, monkeypatch):
    links = qr_links(monkeypatch)
    client.force_login(cast.worker)

    page = client.get(url("poster", cast.building.pk)).content.decode()

    assert links == [f"http://testserver/b/12?k={cast.building.poster_secret}"]
    assert cast.building.poster_secret not in page
    assert "周一帆" in page


# ---------------------------------------------------------------- staff


def test_an_administrator_adds_a_guard_who_signs_in(client, cast):
    client.force_login(cast.admin)
    form = {"name": "门卫甲", "phone": "139 0000 0009", "role": "guard", "area": f"compound:{cast.compound.pk}"}
    added = client.post(url("staff_add"), {**form, "idempotency_key": "1"})
    account = Account.objects.within(cast.subdistrict_id).get(name="门卫甲")
    assert (added["Location"], account.username) == (url("staff_member", account.pk), "menweijia")

    page = client.post(url("new_password", account.pk)).content.decode()
    given = re.findall(r"([0-9a-z]{5}(?:-[0-9a-z]{5}){3})", page)[0]
    client.logout()

    response = client.post(url("staff_sign_in"), {"username": "menweijia", "password": given})
    assert response["Location"] == url("enrol")


def test_a_building_typed_by_its_code_is_the_area(client, cast):
    client.force_login(cast.admin)
    form = {"name": "高山", "role": "grid_worker", "area": f"subdistrict:{cast.subdistrict_id}", "building": "3"}

    client.post(url("staff_add"), {**form, "idempotency_key": "1"})

    grant = Account.objects.within(cast.subdistrict_id).get(name="高山").grants.get()
    assert (grant.area, grant.area_id) == ("building", cast.sealed.pk)


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "resident"},
        {"role": "buyer", "building": "3"},
        {"building": "77"},
        {"username": "admin"},
        {"area": "subdistrict:nonsense"},
        {"phone": "12"},
    ],
)
def test_a_wrong_form_makes_nobody(client, cast, wrong):
    client.force_login(cast.admin)
    before = Account.objects.within(cast.subdistrict_id).count()
    form = {"name": "高山", "role": "grid_worker", "area": f"subdistrict:{cast.subdistrict_id}", "idempotency_key": "1"}

    assert client.post(url("staff_add"), form | wrong).status_code == 422
    assert Account.objects.within(cast.subdistrict_id).count() == before


def test_the_last_administrator_is_told_why_the_role_stays(client, cast):
    client.force_login(cast.admin)

    response = client.post(url("end_role", cast.admin.pk, cast.admin.grants.get().pk), {"idempotency_key": "1"})

    assert response.status_code in {409, 422}
    assert cast.admin.grants.live(at=NOON).exists()


def test_a_token_made_on_the_page_works(client, cast):
    from baogong.people import access

    client.force_login(cast.admin)

    page = client.post(url("new_token", cast.buyer.pk), {"label": "till"}).content.decode()

    assert access.account_for_token(re.findall(r"bg_[\w-]+", page)[0]) == cast.buyer
