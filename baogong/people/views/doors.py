"""One household as its workers see it: numbers, phone, and the ways a door changes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import BadInput, NotFound
from baogong.people import access, services
from baogong.people.addresses import spoken_door
from baogong.people.forms import CountsForm, DoorForm, MergeForm, SplitForm
from baogong.people.models import Grant, Household
from baogong.people.phones import masked
from baogong.people.qr import qr_svg
from baogong.people.queries import members_of
from baogong.people.roles import Area, Role
from baogong.people.services import signing
from baogong.people.services.households import Door
from baogong.people.views.common import base_for, carry_out, page
from baogong.web.forms import Form
from baogong.web.once import once

CHANGE = "people.change_household"


@never_cache
@require_GET
def door(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = access.actor_of(request)
    household = access.household_for(actor, "people.see_household", id)
    members = members_of(household, at=now())
    people = list(household.members.order_by("-contact", "created_at"))
    return page(
        request,
        "people/door.html",
        base=base_for(actor),
        household=household,
        people=[(person, masked(person.phone) if person.has_phone else "") for person in people],
        members=members,
        may_change=access.may(actor, CHANGE),
        may_print=access.may(actor, "people.print_letters"),
        counts=CountsForm(initial=_counts(household)),
        move=DoorForm(initial=_door(household)),
        split=split_form(household, None),
        merge=MergeForm(),
    )


def _counts(household: Household) -> dict[str, object]:
    return {"people": household.people, "infants": household.infants, "elderly": household.elderly}


def _door(household: Household) -> dict[str, object]:
    unit = household.unit.name if household.unit else ""
    return {"building": household.building.code, "unit": unit, "flat": household.flat, "floor": household.floor}


def split_form(household: Household, data: QueryDict | None) -> SplitForm:
    initial = _door(household) | {"flat": "", "people": 1, "infants": 0, "elderly": 0}
    form = SplitForm(data or None, initial=initial)
    people = household.members.order_by("created_at")
    form.fields["members"].choices = [(str(person.pk), person.name) for person in people]  # type: ignore[attr-defined]
    return form


def read_door(actor: Actor, form: Form) -> Door:
    """The door that was typed, in the reader's area. Raises NotFound, BadInput with the units that there are."""
    typed = form.cleaned_data
    building = access.building_for(actor, CHANGE, typed["building"])
    units = {unit.name: unit for unit in building.units.all()}
    name = typed["unit"].strip().removesuffix("单元")
    unit = units.get(name) or units.get(f"{name}单元")
    if name and unit is None:
        known = ", ".join(sorted(units)) or _("none")
        raise BadInput(
            _("This building has no unit “%(name)s”. Its units: %(known)s.") % {"name": name, "known": known},
            field="unit",
        )
    if not name and units:
        known = ", ".join(sorted(units))
        raise BadInput(_("This building has units: %(known)s. Which one?") % {"known": known}, field="unit")
    return Door(building, unit, typed["flat"].strip(), typed["floor"])


Change = Callable[[Household, Actor], Household]


def _form_page(request: HttpRequest, id: UUID, form: Form, title: str, change: Change) -> HttpResponse:
    """Run one form about a household; when it is wrong, the form alone with what is to be put right."""
    actor = access.actor_of(request)
    household = access.household_for(actor, CHANGE, id)

    def act() -> str:
        after = change(household, actor)
        return reverse("people:door", args=[after.pk])

    done = carry_out(request, form, actor, act, now=now())
    return done or page(request, "people/door_form.html", form, base=base_for(actor), household=household, title=title)


@require_POST
def counts(request: HttpRequest, id: UUID) -> HttpResponse:
    form = CountsForm(request.POST)

    def change(household: Household, actor: Actor) -> Household:
        services.set_counts(household, **form.cleaned_data, actor=actor, now=now())
        return household

    return _form_page(request, id, form, _("Who lives there"), change)


@require_POST
def move(request: HttpRequest, id: UUID) -> HttpResponse:
    form = DoorForm(request.POST)

    def change(household: Household, actor: Actor) -> Household:
        moved = services.move_household(household, read_door(actor, form), actor=actor, now=now())
        messages.success(
            request, _("Moved to %(door)s. Orders and messages went along.") % {"door": spoken_door(moved)}
        )
        return moved

    return _form_page(request, id, form, _("Move to another door"), change)


@require_POST
def split(request: HttpRequest, id: UUID) -> HttpResponse:
    own = access.household_for(access.actor_of(request), CHANGE, id)
    form = split_form(own, request.POST)

    def change(household: Household, actor: Actor) -> Household:
        typed = form.cleaned_data
        new = services.split_household(
            household,
            read_door(actor, form),
            members=list(household.members.filter(pk__in=typed["members"])),
            people=typed["people"],
            infants=typed["infants"],
            elderly=typed["elderly"],
            actor=actor,
            now=now(),
        )
        messages.success(request, _("%(door)s is a household of its own now.") % {"door": spoken_door(new)})
        return new

    return _form_page(request, id, form, _("Split: some go to a door of their own"), change)


@require_POST
def merge(request: HttpRequest, id: UUID) -> HttpResponse:
    form = MergeForm(request.POST)

    def change(household: Household, actor: Actor) -> Household:
        target = access.household_for(actor, CHANGE, form.cleaned_data["into"])
        merged = services.merge_households(household, target, actor=actor, now=now())
        messages.success(request, _("Merged. Orders under way go to %(door)s.") % {"door": spoken_door(merged)})
        return merged

    return _form_page(request, id, form, _("Merge into another household"), change)


# ---------------------------------------------------------------- small switches


def _switch(request: HttpRequest, id: UUID, act: Callable[[Household, Actor], object], said: str) -> HttpResponse:
    actor = access.actor_of(request)
    household = access.household_for(actor, CHANGE, id)

    def change() -> str:
        act(household, actor)
        return reverse("people:door", args=[household.pk])

    response = once(request, actor, change, now=now())
    messages.success(request, said)
    return response


@require_POST
def no_phone(request: HttpRequest, id: UUID) -> HttpResponse:
    on = request.POST.get("on") == "1"
    said = _("Noted: no phone. Messages go to your call list.") if on else _("Noted: there is a phone.")
    return _switch(request, id, lambda home, actor: services.set_no_phone(home, on, actor=actor, now=now()), said)


@require_POST
def contacted(request: HttpRequest, id: UUID) -> HttpResponse:
    said = _("Noted: spoken with them just now.")
    return _switch(request, id, lambda home, actor: services.mark_contacted(home, actor=actor, now=now()), said)


@require_POST
def unlock(request: HttpRequest, id: UUID) -> HttpResponse:
    """Open the sign-ins of a household that too many wrong codes have closed; the worker has seen the people."""

    def act(household: Household, actor: Actor) -> None:
        signing.unlock_household(household, actor=actor, now=now())

    return _switch(request, id, act, _("Their sign-ins are open again."))


@require_POST
def end_membership(request: HttpRequest, id: UUID, account: UUID) -> HttpResponse:
    """Somebody may order for this household no more."""

    def act(household: Household, actor: Actor) -> None:
        grants = Grant.objects.within(actor.subdistrict_id).filter(account=account, until=None)
        grant = grants.filter(role=Role.RESIDENT, area=Area.HOUSEHOLD, area_id=household.pk).first()
        if grant is None:
            raise NotFound(_("This person cannot order for the household."))
        services.end_grant(grant, actor=actor, now=now())

    return _switch(request, id, act, _("This sign-in orders for the household no more."))


@never_cache
@require_POST
def letter(request: HttpRequest, id: UUID) -> HttpResponse:
    """One household's letter again; the older one is void."""
    actor = access.actor_of(request)
    household = access.household_for(actor, "people.print_letters", id)
    printed = services.print_letter(household, actor=actor, now=now())
    link = request.build_absolute_uri(reverse("people:claim"))
    letters = [(printed, qr_svg(f"{link}#{printed.code}", label=_("QR code of this letter")))]
    return page(
        request, "people/letters.html", building=household.building, letters=letters, link=link, printed_at=now()
    )
