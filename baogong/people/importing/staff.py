"""Staff: who may do what and where, and who answers for which building."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.clock import now as clock_now
from baogong.common.errors import BadInput
from baogong.common.events import record
from baogong.common.imports import Chunk, InputRow
from baogong.common.imports.chunks import Outcome
from baogong.people.importing.accounts import account_with_phone
from baogong.people.importing.areas import Areas, Reach
from baogong.people.importing.words import ROLES, phone_out
from baogong.people.models import Account, Duty, Grant
from baogong.people.roles import BUILDING_WORKERS, Area, Role
from baogong.people.services import WrongArea, give_grant, set_duty, set_on_duty
from baogong.places.models import Building


class DutyNeedsWorker(BadInput):
    code = "duty_needs_worker"


def put_staff(row: InputRow, chunk: Chunk) -> Outcome:
    """One person's role in one area, and the duty for the buildings in it. `none` takes no duty away."""
    reach = chunk.once(Areas).find(row["area"], row["compound"] or "")
    if row["duty"] and row["role"] not in BUILDING_WORKERS:
        raise DutyNeedsWorker(_("only building social workers and grid workers answer for buildings"), column="duty")
    account, new, renamed = account_with_phone(row["phone"], row["name"], chunk)
    granted = grant(account, row["role"], reach, chunk)
    dutiful = [put_duty(account, row, building, chunk) for building in reach.buildings] if row["duty"] else []
    if new or granted:
        return "created"
    return "changed" if renamed or any(dutiful) else "unchanged"


def grant(account: Account, role: Role, reach: Reach, chunk: Chunk) -> bool:
    """Whether the account got the role just now: one that it has for a wider area covers this one."""
    held = account.grants.live(at=chunk.now).filter(role=role)
    if any(covers(one, reach, chunk) for one in held):
        return False
    try:
        give_grant(account, role, reach.area, reach.area_id, actor=chunk.actor, now=chunk.now)
    except WrongArea as wrong:
        wrong.facts["column"] = "area"
        raise
    return True


def covers(held: Grant, reach: Reach, chunk: Chunk) -> bool:
    if (held.area, held.area_id) == (reach.area, reach.area_id) or held.area == Area.SUBDISTRICT:
        return True
    wider = chunk.once(Areas).of(held.area, held.area_id)
    return bool(wider and reach.buildings) and set(reach.buildings) <= set(wider.buildings if wider else ())


def put_duty(account: Account, row: InputRow, building: Building, chunk: Chunk) -> bool:
    """Whether the duty for the building, or being on duty, is another now."""
    before = Duty.objects.filter(building=building, kind=row["duty"], ended_at=None).first()
    duty = set_duty(building, account, row["duty"], actor=chunk.actor, now=chunk.now)
    fresh = before is None or before.pk != duty.pk
    if row["on_duty"] is None or duty.on_duty == row["on_duty"]:
        return fresh
    if fresh:  # as the list tells it; the building's other worker may stand in a later line
        Duty.objects.filter(pk=duty.pk).update(on_duty=row["on_duty"])
        record("people.off_duty", duty.pk, actor=chunk.actor, now=chunk.now)
    else:
        set_on_duty(duty, row["on_duty"], actor=chunk.actor, now=chunk.now)
    return True


# ---------------------------------------------------------------- out


def export_staff(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    """A row for each live grant of a staff role; duties for single buildings inside a wider area get rows of their own.

    Volunteers have a list of their own.
    """
    areas = Areas(subdistrict_id)
    grants = Grant.objects.within(subdistrict_id).live(at=clock_now()).filter(role__in=set(ROLES.values()))
    grants = grants.filter(account__is_active=True, account__person__isnull=False).select_related("account__person")
    duties = live_duties(subdistrict_id)
    volunteers = set(grants.filter(account__volunteer__isnull=False).values_list("account_id", flat=True))
    for account, held in by_account(grants.order_by("account__name", "account_id", "role", "since", "pk")):
        rows = [one for one in held if not (one.role == Role.VOLUNTEER and account.pk in volunteers)]
        yield from rows_of(account, rows, duties.get(account.pk, {}), areas)


def live_duties(subdistrict_id: UUID) -> dict[UUID, dict[UUID, Duty]]:
    """By account and building."""
    found: dict[UUID, dict[UUID, Duty]] = {}
    for duty in Duty.objects.within(subdistrict_id).filter(ended_at=None):
        found.setdefault(duty.account_id, {})[duty.building_id] = duty
    return found


def by_account(grants: Any) -> Iterator[tuple[Account, list[Grant]]]:
    held: list[Grant] = []
    for one in grants:
        if held and held[0].account_id != one.account_id:
            yield held[0].account, held
            held = []
        held.append(one)
    if held:
        yield held[0].account, held


def rows_of(account: Account, held: list[Grant], duties: dict[UUID, Duty], areas: Areas) -> Iterator[dict[str, Any]]:
    person = {"name": account.name, "phone": phone_out(account.person)}
    if not person["phone"]:  # erased, or signs in with a password only: no list can name them
        return
    left = dict(duties)
    worker = ""
    for one in held:
        reach = areas.of(one.area, one.area_id)
        if reach is None:
            continue
        worker = worker or (one.role if one.role in BUILDING_WORKERS else "")
        kind, on_duty = common_duty(reach, left) if one.role in BUILDING_WORKERS else ("", None)
        for building in reach.buildings if kind else ():
            left.pop(building.pk)
        yield {**person, "role": one.role, "area": areas.shortest(reach), "duty": kind or "none", "on_duty": on_duty}
    for duty in left.values():
        reach = areas.of(Area.BUILDING, duty.building_id)
        if reach and worker:
            row = {"role": worker, "area": areas.shortest(reach), "duty": duty.kind, "on_duty": duty.on_duty}
            yield {**person, **row}


def common_duty(reach: Reach, duties: dict[UUID, Duty]) -> tuple[str, bool | None]:
    """The duty that an account has for every building of an area alike."""
    found = {
        (duty.kind, duty.on_duty) if (duty := duties.get(building.pk)) else ("", None) for building in reach.buildings
    }
    return found.pop() if len(found) == 1 else ("", None)
