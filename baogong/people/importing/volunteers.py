"""Volunteers: a group in a community, what they can, whether they are on duty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from baogong.common.errors import BadInput
from baogong.common.imports import Chunk, InputRow
from baogong.common.imports.chunks import Outcome
from baogong.people.importing.accounts import account_with_phone
from baogong.people.importing.words import phone_out
from baogong.people.models import Account, Volunteer
from baogong.people.roles import Area, Role
from baogong.people.services import end_grant, enlist_volunteer, set_volunteer_duty
from baogong.places.models import Community


class UnknownCommunity(BadInput):
    code = "unknown_community"


def put_volunteer(row: InputRow, chunk: Chunk) -> Outcome:
    """One volunteer, known by the phone; another group or community is a change."""
    community = Community.objects.within(chunk.subdistrict_id).filter(name=row["community"]).first()
    if community is None:
        reason = _("There is no community “%(text)s”; import the places first") % {"text": row["community"]}
        raise UnknownCommunity(reason, column="community")
    account, _new, renamed = account_with_phone(row["phone"], row["name"], chunk)
    volunteer = Volunteer.objects.filter(account=account).select_related("group__community").first()
    if volunteer is None:
        enlist(account, community, row, chunk, skills=row["skills"] or [])
        return "created"
    skills = volunteer.skills if row["skills"] is None else row["skills"]
    moved = (volunteer.group.community_id, volunteer.group.name) != (community.pk, row["group"])
    if moved or skills != volunteer.skills:
        leave(account, volunteer, community, chunk)
        enlist(account, community, row, chunk, skills=skills)
        renamed = True
    on_duty = row["on_duty"]
    if on_duty is not None and set_volunteer_duty(volunteer, on_duty, actor=chunk.actor, now=chunk.now):
        renamed = True
    return "changed" if renamed else "unchanged"


def enlist(account: Account, community: Community, row: InputRow, chunk: Chunk, *, skills: list[str]) -> None:
    enlist_volunteer(
        account,
        community,
        row["group"],
        skills=skills,
        on_duty=bool(row["on_duty"]),
        actor=chunk.actor,
        now=chunk.now,
    )


def leave(account: Account, volunteer: Volunteer, community: Community, chunk: Chunk) -> None:
    """Who goes to another community has no task in the former one any more."""
    former = volunteer.group.community_id
    if former == community.pk:
        return
    held = account.grants.live(at=chunk.now).filter(role=Role.VOLUNTEER, area=Area.COMMUNITY, area_id=former)
    for grant in held:
        end_grant(grant, actor=chunk.actor, now=chunk.now)


def export_volunteers(subdistrict_id: UUID) -> Iterator[dict[str, Any]]:
    """Every volunteer who can be named by a phone."""
    found = Volunteer.objects.within(subdistrict_id).filter(account__is_active=True)
    for volunteer in found.select_related("account__person", "group__community").order_by("account__name", "pk"):
        number = phone_out(volunteer.account.person)
        if number:
            yield {
                "name": volunteer.account.name,
                "phone": number,
                "community": volunteer.group.community.name,
                "group": volunteer.group.name,
                "skills": "、".join(volunteer.skills),
                "on_duty": volunteer.on_duty,
            }
