"""Every page of this room: who sees it, and what its strangers see instead."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

import pytest
from django.urls import reverse

from baogong.people import access
from baogong.people.models import Duty
from baogong.people.tests.cast import (
    NOON,
    PASSWORD,
    make_building,
    make_community,
    make_compound,
    make_household,
    make_resident,
    make_staff,
    make_subdistrict,
    make_volunteer,
)
from baogong.people.urls import urlpatterns


@dataclass
class Page:
    """`args` names rows of the cast (or `...` below them), `opens` the member of the cast who may see it."""

    name: str
    opens: str
    args: tuple[str, ...] = ()
    post: dict[str, str] | None = None
    status: int = 200  # of a good request: 200 for a page, 303 for a change


DAUGHTER = {"building": "3", "flat": "502", "people": "1", "infants": "0", "elderly": "0"}
SIGNED_IN = [
    Page("household", "wang_account"),
    Page("invite", "wang_account", post={}),
    Page("account", "wang_account"),
    Page("role", "wang_account", post={"role": "resident"}, status=303),
    Page("language", "wang_account", post={"language": "en"}, status=303),
    Page("everywhere", "wang_account", post={}, status=303),
    Page("my_duty", "volunteer", post={"on": "0"}, status=303),
    Page("phone", "wang_account"),
    Page("phone_code", "wang_account", status=303),
    Page("password", "gao"),
]
FOR_ROLES = [
    Page("buildings", "worker"),
    Page("building", "worker", ("building",)),
    Page("duties", "admin", ("building",), {"kind": "deputy", "account": "gao"}, 303),
    Page("letters", "worker", ("building",)),
    Page("print_letters", "worker", ("building",), {}),
    Page("poster", "worker", ("building",)),
    Page("end_duty", "admin", ("open_duty",), {}, 303),
    Page("on_duty", "worker", ("duty",), {"on": "0"}, 303),
    Page("door", "worker", ("wang",)),
    Page("counts", "worker", ("wang",), {"people": "4", "infants": "1", "elderly": "0"}, 303),
    Page("move", "worker", ("wang",), {"building": "3", "flat": "502"}, 303),
    Page("split", "worker", ("wang",), DAUGHTER, 303),
    Page("merge", "worker", ("wang",), {"into": "12/2/301"}, 303),
    Page("no_phone", "worker", ("wang",), {"on": "1"}, 303),
    Page("contacted", "worker", ("wang",), {}, 303),
    Page("unlock_household", "worker", ("wang",), {}, 303),
    Page("end_membership", "worker", ("wang", "wang_account"), {}, 303),
    Page("letter", "worker", ("wang",), {}),
    Page("staff", "admin"),
    Page("staff_add", "admin"),
    Page("staff_member", "admin", ("buyer",)),
    Page("give_role", "admin", ("buyer",), {"role": "guard", "area": "whole"}, 303),
    Page("end_role", "admin", ("buyer", "buyer_grant"), {}, 303),
    Page("active", "admin", ("buyer",), {"on": "0"}, 303),
    Page("reset_second_factor", "admin", ("buyer",), {}, 303),
    Page("unlock", "admin", ("buyer",), {}, 303),
    Page("new_password", "admin", ("buyer",), {}),
    Page("new_token", "admin", ("buyer",), {"label": "till"}),
    Page("revoke_token", "admin", ("buyer", "token"), {}, 303),
    Page("volunteers", "worker"),
    Page("volunteer_duty", "worker", ("volunteer_row",), {"on": "0"}, 303),
]
OPEN = {"sign_in", "code", "choose", "staff_sign_in", "second_factor", "enrol", "first_password", "sign_out", "claim"}
ids = [page.name for page in [*SIGNED_IN, *FOR_ROLES]]


@pytest.fixture
def house(cast):
    """The cast and what else the pages name."""
    cast.gao = make_staff(cast.subdistrict_id, "高山", "grid_worker", username="gao", password=PASSWORD)
    cast.duty = cast.building.duties.get(kind="responsible")
    other = make_building(cast.compound, "9")
    cast.open_duty = Duty.objects.create(
        subdistrict_id=cast.subdistrict_id, building=other, account=cast.worker, kind="responsible"
    )
    Duty.objects.create(subdistrict_id=cast.subdistrict_id, building=other, account=cast.deputy, kind="deputy")
    cast.buyer_grant = cast.buyer.grants.get()
    access.issue_token(cast.buyer, "till", NOON)
    cast.token = cast.buyer.tokens.get()
    cast.volunteer_row = cast.volunteer.volunteer
    return cast


def send(client, house, page, args=None, **changed):
    row_ids = [getattr(house, name).pk for name in page.args] if args is None else args
    url = reverse(f"people:{page.name}", args=row_ids)
    if page.post is None:
        return client.get(url)
    values = {**page.post, **changed, "idempotency_key": str(uuid.uuid4())}
    if values.get("account") == "gao":
        values["account"] = str(house.gao.pk)
    if values.get("area") == "whole":
        values["area"] = f"subdistrict:{house.subdistrict_id}"
    return client.post(url, values)


def test_every_address_of_the_room_is_tried_here():
    assert {pattern.name for pattern in urlpatterns} == OPEN | set(ids)


@pytest.mark.parametrize("page", [*SIGNED_IN, *FOR_ROLES], ids=ids)
def test_who_may_gets_in(client, house, page):
    client.force_login(getattr(house, page.opens))

    response = send(client, house, page)

    assert response.status_code == page.status, response.content.decode()[:3000]


@pytest.mark.parametrize("page", [*SIGNED_IN, *FOR_ROLES], ids=ids)
def test_strangers_are_led_to_the_door(client, house, page):
    response = send(client, house, page)

    assert response.status_code == 302
    assert response["Location"].startswith("/people/sign-in/?next=")


@pytest.mark.parametrize("page", FOR_ROLES, ids=[page.name for page in FOR_ROLES])
@pytest.mark.parametrize("who", ["wang_account", "volunteer", "buyer"])
def test_other_roles_are_refused(client, house, page, who):
    if who == "buyer" and page.name in {"buildings", "building", "door"}:
        return  # the task force looks, and changes nothing
    client.force_login(getattr(house, who))

    assert send(client, house, page).status_code in {403, 404}


@pytest.mark.parametrize("page", [p for p in FOR_ROLES if p.args], ids=[p.name for p in FOR_ROLES if p.args])
def test_what_is_elsewhere_looks_like_what_does_not_exist(client, house, page):
    """A worker of another community, an administrator of another subdistrict."""
    west = make_community(house.subdistrict, "西里")
    foreign_worker = make_staff(house.subdistrict_id, "远方", "social_worker", area="community", area_id=west.pk)
    foreign_admin = make_staff(make_subdistrict("望京街道").pk, "别处", "admin")
    client.force_login(foreign_admin if page.opens == "admin" else foreign_worker)

    foreign = send(client, house, page)
    unknown = send(client, house, page, args=[uuid.uuid4() for _ in page.args])

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert mute(foreign) == mute(unknown)


def mute(response):
    """The page without what differs at each request."""
    return re.sub(rb"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9]{64}", b"", response.content)


def test_a_worker_goes_on_duty_oneself_and_nobody_elses_place(client, house):
    client.force_login(house.deputy)

    response = client.post(reverse("people:on_duty", args=[house.duty.pk]), {"on": "0"})

    assert response.status_code == 403
    house.duty.refresh_from_db()
    assert house.duty.on_duty


def test_the_number_of_queries_of_a_buildings_page_is_constant(client, house, django_assert_max_num_queries):
    for flat in range(201, 241):
        make_resident(make_household(house.building, str(flat)), "某人")
    client.force_login(house.worker)
    client.get(reverse("people:building", args=[house.sealed.pk]))

    with django_assert_max_num_queries(20):
        client.get(reverse("people:building", args=[house.building.pk]))


@pytest.mark.parametrize("name", ["buildings", "staff", "volunteers"])
def test_the_number_of_queries_of_a_list_is_constant(client, house, name, django_assert_max_num_queries):
    far = make_compound(make_community(house.subdistrict, "西里"))
    for n in range(30):
        make_building(far, f"西{n}")
        make_staff(house.subdistrict_id, f"组员{n}", "grid_worker", area="compound", area_id=far.pk)
        make_volunteer(house.community, f"志愿者{n}")
    client.force_login(house.admin)

    with django_assert_max_num_queries(20):
        assert client.get(reverse(f"people:{name}")).status_code == 200
