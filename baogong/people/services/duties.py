"""Who answers for a building (law 5): one responsible worker and one deputy, two different people, never nobody."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import RuleBroken
from baogong.common.events import record
from baogong.people.models import Account, Duty
from baogong.places.models import Building, Zone


class SamePerson(RuleBroken):
    code = "same_person"


class LastWorker(RuleBroken):
    code = "last_worker"


class DutyHeld(RuleBroken):
    code = "duty_held"


@transaction.atomic
def set_duty(building: Building, account: Account, kind: str, *, actor: Actor, now: datetime) -> Duty:
    """`account` answers for the building from now on; whoever had the duty is relieved. Once set, nothing changes.

    Raises SamePerson when the account holds the building's other duty: two people must answer for it.
    """
    Building.objects.select_for_update().get(pk=building.pk)
    held = {duty.kind: duty for duty in building.duties.filter(ended_at=None)}
    former = held.get(kind)
    if former and former.account_id == account.pk:
        return former
    if any(duty.account_id == account.pk for duty in held.values()):
        raise SamePerson(
            _("%(name)s answers for %(building)s already. Responsible and deputy are two different people.")
            % {"name": account, "building": building},
            building=building.code,
        )
    if former:
        _end(former, actor=actor, now=now)
    duty = Duty.objects.create(
        subdistrict_id=building.subdistrict_id, building=building, account=account, kind=kind, since=now
    )
    _record("people.duty_set", duty, actor=actor, now=now)
    return duty


@transaction.atomic
def end_duty(duty: Duty, *, substitute: Account | None = None, actor: Actor, now: datetime) -> Duty | None:
    """Relieve somebody; the substitute takes over at once and is returned with the new duty.

    Raises LastWorker without a substitute where the building takes part (its zone is not open) or nobody else would
    be left, SamePerson when the substitute holds the other duty.
    """
    if duty.ended_at is not None:
        raise DutyHeld(_("This duty has ended already."))
    if substitute is not None:
        return set_duty(duty.building, substitute, duty.kind, actor=actor, now=now)
    others = duty.building.duties.filter(ended_at=None).exclude(pk=duty.pk)
    if duty.building.zone_now != Zone.OPEN or not others.exists():
        raise LastWorker(
            _("%(building)s needs both a responsible worker and a deputy. Name a substitute.")
            % {"building": duty.building},
            building=duty.building.code,
            kind=duty.kind,
        )
    _end(duty, actor=actor, now=now)
    return None


def _end(duty: Duty, *, actor: Actor, now: datetime) -> None:
    Duty.objects.filter(pk=duty.pk).update(ended_at=now)
    _record("people.duty_ended", duty, actor=actor, now=now)


def _record(verb: str, duty: Duty, *, actor: Actor, now: datetime) -> None:
    building, account = str(duty.building_id), str(duty.account_id)
    record(verb, duty.pk, actor=actor, now=now, kind=duty.kind, building=building, account=account)


@transaction.atomic
def set_on_duty(duty: Duty, on: bool, *, actor: Actor, now: datetime) -> None:
    """Whether the worker is there just now. Raises LastWorker when nobody would be on duty for the building."""
    others = duty.building.duties.filter(ended_at=None, on_duty=True).exclude(pk=duty.pk)
    if not on and not others.exists():
        raise LastWorker(
            _("Nobody else is on duty for %(building)s. Hand over to the other worker first.")
            % {"building": duty.building},
            building=duty.building.code,
            kind=duty.kind,
        )
    if Duty.objects.filter(pk=duty.pk).exclude(on_duty=on).update(on_duty=on):
        record("people.on_duty" if on else "people.off_duty", duty.pk, actor=actor, now=now)
