"""Giving and ending roles. What a role may do stands in `roles.py`; a grant says where and since when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import BadInput, RuleBroken
from baogong.common.events import record
from baogong.people.models import Account, Grant, Household
from baogong.people.roles import AREAS, Area, Role
from baogong.places.models import Building, Community, Compound


class WrongArea(BadInput):
    code = "wrong_area"


class LastAdministrator(RuleBroken):
    code = "last_administrator"


PLACES: dict[str, type[Model]] = {
    Area.HOUSEHOLD: Household,
    Area.BUILDING: Building,
    Area.COMPOUND: Compound,
    Area.COMMUNITY: Community,
}


@transaction.atomic
def give_grant(account: Account, role: str, area: str, area_id: UUID, *, actor: Actor, now: datetime) -> Grant:
    """A role in an area, from now on; one that the account has already is returned as it is.

    Raises WrongArea for an area that the role cannot have, or that is not in the account's subdistrict. A supplier's
    id is not looked up: suppliers are none of this context's business.
    """
    check_area(role, area, area_id, account.subdistrict_id)
    grant, created = Grant.objects.within(account.subdistrict_id).get_or_create(
        account=account,
        role=role,
        area=area,
        area_id=area_id,
        until=None,
        defaults={"subdistrict_id": account.subdistrict_id, "since": now, "given_by": actor.account_id},
    )
    if created:
        _record("people.grant_given", grant, actor=actor, now=now)
    return grant  # type: ignore[no-any-return]


def check_area(role: str, area: str, area_id: UUID, subdistrict_id: UUID) -> None:
    """Raises WrongArea."""
    if Role(role) not in AREAS or area not in AREAS[Role(role)]:
        allowed = " / ".join(str(kind.label) for kind in Area if kind in AREAS.get(Role(role), ()))
        raise WrongArea(
            _("The role “%(role)s” is given for: %(allowed)s.") % {"role": Role(role).label, "allowed": allowed},
            role=role,
            area=area,
        )
    if area == Area.SUBDISTRICT:
        known = area_id == subdistrict_id
    elif model := PLACES.get(area):
        known = model.objects.filter(pk=area_id, subdistrict_id=subdistrict_id).exists()  # type: ignore[attr-defined]
    else:
        known = True
    if not known:
        raise WrongArea(_("There is no such area here."), area=area, area_id=str(area_id))


@transaction.atomic
def end_grant(grant: Grant, *, actor: Actor, now: datetime) -> bool:
    """The role ends at once; False when it had ended. Raises LastAdministrator."""
    if grant.role == Role.ADMIN and grant.until is None:
        keep_an_administrator(grant.account, now=now)
    ended = Grant.objects.filter(pk=grant.pk, until=None).update(until=now)
    if ended:
        _record("people.grant_ended", grant, actor=actor, now=now)
    return bool(ended)


def keep_an_administrator(account: Account, *, now: datetime) -> None:
    """Raises LastAdministrator when nobody but this account could give roles any more."""
    grants = Grant.objects.within(account.subdistrict_id).select_for_update()
    admins = {grant.account_id for grant in grants.live(at=now).filter(role=Role.ADMIN, account__is_active=True)}
    if admins == {account.pk}:
        raise LastAdministrator(_("This is the last administrator. Give the role to somebody else first."))


def _record(verb: str, grant: Grant, *, actor: Actor, now: datetime) -> None:
    record(
        verb,
        grant.pk,
        actor=actor,
        now=now,
        household_id=grant.area_id if grant.area == Area.HOUSEHOLD else None,
        account=str(grant.account_id),
        role=grant.role,
        area=grant.area,
        area_id=str(grant.area_id),
    )
