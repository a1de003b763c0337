"""Volunteers: joining a group, going on and off duty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from baogong.common.actors import Actor
from baogong.common.events import record
from baogong.people.models import Account, Volunteer, VolunteerGroup
from baogong.people.roles import Area, Role
from baogong.people.services.grants import give_grant
from baogong.places.models import Community


@transaction.atomic
def enlist_volunteer(
    account: Account,
    community: Community,
    group: str,
    *,
    skills: Sequence[str] = (),
    on_duty: bool = False,
    actor: Actor,
    now: datetime,
) -> Volunteer:
    """Into a group of the community, which is made where it is new; a volunteer who is one already changes groups."""
    found, _made = VolunteerGroup.objects.within(community.subdistrict_id).get_or_create(
        community=community, name=group, defaults={"subdistrict_id": community.subdistrict_id}
    )
    volunteer, created = Volunteer.objects.within(account.subdistrict_id).update_or_create(
        account=account,
        defaults={"group": found, "skills": list(skills)},
        create_defaults={
            "subdistrict_id": account.subdistrict_id,
            "group": found,
            "skills": list(skills),
            "on_duty": on_duty,
            "on_duty_since": now if on_duty else None,
        },
    )
    give_grant(account, Role.VOLUNTEER, Area.COMMUNITY, community.pk, actor=actor, now=now)
    record("people.volunteer_enlisted", volunteer.pk, actor=actor, now=now, group=str(found.pk), new=created)
    return volunteer  # type: ignore[no-any-return]


@transaction.atomic
def set_volunteer_duty(volunteer: Volunteer, on: bool, *, actor: Actor, now: datetime) -> bool:
    """On duty or off; False when it was so already."""
    changed = (
        Volunteer.objects.filter(pk=volunteer.pk)
        .exclude(on_duty=on)
        .update(on_duty=on, on_duty_since=now if on else None)
    )
    if changed:
        record("people.volunteer_on_duty" if on else "people.volunteer_off_duty", volunteer.pk, actor=actor, now=now)
    return bool(changed)
