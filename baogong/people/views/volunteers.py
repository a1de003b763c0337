"""The volunteers of the reader's communities, group by group: who is on duty."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound
from baogong.people import access
from baogong.people.models import Volunteer
from baogong.people.phones import masked
from baogong.people.services import set_volunteer_duty
from baogong.people.views.common import base_for, page
from baogong.web.once import SeeOther
from baogong.web.words import when

PAGE = 200
MANAGE = "people.manage_volunteers"


def reachable(actor: Actor) -> QuerySet[Volunteer]:
    access.require(actor, MANAGE)
    communities = access.communities_for(actor, MANAGE)
    volunteers: QuerySet[Volunteer] = Volunteer.objects.within(actor.subdistrict_id)
    return volunteers.filter(group__community__in=communities, account__is_active=True)


@never_cache
@require_GET
def volunteers(request: HttpRequest) -> HttpResponse:
    actor = access.actor_of(request)
    found = reachable(actor).select_related("account__person", "group__community")
    on_duty = found.filter(on_duty=True).count()
    in_order = found.order_by("group__community__name", "group__name", "group", "-on_duty", "account__name")
    page_obj = Paginator(in_order, PAGE).get_page(request.GET.get("page"))
    groups = [(group, [_line(one) for one in members]) for group, members in groupby(page_obj, lambda one: one.group)]
    return page(
        request,
        "people/volunteers.html",
        base=base_for(actor),
        groups=groups,
        page_obj=page_obj,
        on_duty=on_duty,
        total=page_obj.paginator.count,
    )


def _line(volunteer: Volunteer) -> tuple[Volunteer, list[str]]:
    """The volunteer with what stands below the name: phone, skills, since when on duty."""
    person = volunteer.account.person
    facts = [masked(person.phone) if person and person.has_phone else "", ", ".join(volunteer.skills)]
    if volunteer.on_duty and volunteer.on_duty_since:
        facts.append(_("since %(time)s") % {"time": when(volunteer.on_duty_since)})
    return volunteer, [fact for fact in facts if fact]


@require_POST
def duty(request: HttpRequest, id: UUID) -> HttpResponse:
    """Put a volunteer on or off duty."""
    actor = access.actor_of(request)
    volunteer = reachable(actor).filter(pk=id).first()
    if volunteer is None:
        raise NotFound(_("There is no such volunteer here."))
    set_volunteer_duty(volunteer, request.POST.get("on") == "1", actor=actor, now=now())
    return SeeOther(f"{reverse('people:volunteers')}#v{volunteer.pk}")
