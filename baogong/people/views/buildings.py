"""Buildings as their workers see them: who answers for them, which doors they have, what to print."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound
from baogong.common.search import matching
from baogong.people import access
from baogong.people.forms import DutyForm
from baogong.people.models import Account, Duty
from baogong.people.qr import qr_svg
from baogong.people.queries import duties_of, with_counts, with_member_mark, workers
from baogong.people.services import end_duty, print_letters, set_duty, set_on_duty
from baogong.people.views.common import base_for, carry_out, page
from baogong.places.models import Building
from baogong.places.queries import poster_link
from baogong.web.once import SeeOther, once

PAGE = 100


@never_cache
@require_GET
def buildings(request: HttpRequest) -> HttpResponse:
    """The buildings in the reader's area, with who answers for each."""
    actor = access.actor_of(request)
    access.require(actor, "places.see_building")
    found = access.buildings_for(actor, "places.see_building").select_related("compound").defer("outline")
    query = request.GET.get("q", "").strip()
    if query:
        found = found.filter(Q(code=query) | matching(query))
    page_obj = Paginator(with_counts(found).in_order(), PAGE).get_page(request.GET.get("page"))
    duties = duties_of(page_obj.object_list)
    rows = [(building, duties[building.pk]) for building in page_obj.object_list]
    return page(request, "people/buildings.html", base=base_for(actor), rows=rows, page_obj=page_obj, query=query)


@never_cache
@require_GET
def building(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = access.actor_of(request)
    return _building(request, actor, access.building_for(actor, "places.see_building", id), None)


def _building(request: HttpRequest, actor: Actor, mine: Building, form: DutyForm | None) -> HttpResponse:
    at = now()
    households = access.households_for(actor, "people.see_household").filter(building=mine).living()
    may_set = access.may(actor, "people.manage_duties")
    if may_set and form is None:
        form = _duty_form(actor, None)
    return page(
        request,
        "people/building.html",
        form,
        base=base_for(actor),
        building=mine,
        households=list(with_member_mark(households, at=at).select_related("unit", "building").in_order()),
        duties=duties_of([mine])[mine.pk],
        kinds=Duty.Kind.choices,
        me=actor.account_id,
        may_print=access.may(actor, "people.print_letters"),
        may_set=may_set,
        may_poster=access.may(actor, "people.print_poster"),
        may_open=access.may(actor, "people.change_household"),
    )


def _duty_form(actor: Actor, data: QueryDict | None) -> DutyForm:
    form = DutyForm(data or None)
    choices = [(str(account.pk), str(account)) for account in workers(actor.subdistrict_id, at=now())]
    form.fields["account"].choices = choices  # type: ignore[attr-defined]
    return form


@require_POST
def duties(request: HttpRequest, id: UUID) -> HttpResponse:
    """Somebody else answers for the building from now on."""
    actor = access.actor_of(request)
    access.require(actor, "people.manage_duties")
    mine = access.building_for(actor, "places.see_building", id)
    form = _duty_form(actor, request.POST)

    def change() -> str:
        account = Account.objects.within(actor.subdistrict_id).get(pk=form.cleaned_data["account"])
        set_duty(mine, account, form.cleaned_data["kind"], actor=actor, now=now())
        return reverse("people:building", args=[mine.pk])

    return carry_out(request, form, actor, change, now=now()) or _building(request, actor, mine, form)


def _duty(actor: Actor, id: UUID) -> Duty:
    """A live duty for a building in reach. Raises NotFound."""
    reach = access.buildings_for(actor, "places.see_building")
    found = Duty.objects.filter(pk=id, ended_at=None, building__in=reach).select_related("building__compound").first()
    if found is None:
        raise NotFound(_("There is no such duty."))
    return found


@require_POST
def end(request: HttpRequest, id: UUID) -> HttpResponse:
    """Relieve somebody without a substitute; refused where that leaves the building alone."""
    actor = access.actor_of(request)
    access.require(actor, "people.manage_duties")
    duty = _duty(actor, id)

    def change() -> str:
        end_duty(duty, actor=actor, now=now())
        return reverse("people:building", args=[duty.building_id])

    return once(request, actor, change, now=now())


@require_POST
def on_duty(request: HttpRequest, id: UUID) -> HttpResponse:
    """A worker goes on or off duty: oneself, or somebody whom the reader manages."""
    actor = access.actor_of(request)
    duty = _duty(actor, id)
    if duty.account_id != actor.account_id:
        access.require(actor, "people.manage_duties")
    set_on_duty(duty, request.POST.get("on") == "1", actor=actor, now=now())
    return SeeOther(reverse("people:building", args=[duty.building_id]))


# ---------------------------------------------------------------- paper


@never_cache
@require_GET
def letters_first(request: HttpRequest, id: UUID) -> HttpResponse:
    """What printing letters does, before it does it."""
    actor = access.actor_of(request)
    mine = access.building_for(actor, "people.print_letters", id)
    count = access.households_for(actor, "people.print_letters").filter(building=mine).living().count()
    return page(request, "people/letters_first.html", base=base_for(actor), building=mine, count=count)


@never_cache
@require_POST
def letters(request: HttpRequest, id: UUID) -> HttpResponse:
    """The letters themselves, one for each household; the codes are in this answer and nowhere else."""
    actor = access.actor_of(request)
    mine = access.building_for(actor, "people.print_letters", id)
    link = request.build_absolute_uri(reverse("people:claim"))
    printed = [
        (letter, qr_svg(f"{link}#{letter.code}", label=_("QR code of this letter")))
        for letter in print_letters([mine], actor=actor, now=now())
    ]
    return page(request, "people/letters.html", building=mine, letters=printed, link=link, printed_at=now())


@never_cache
@require_GET
def poster(request: HttpRequest, id: UUID) -> HttpResponse:
    """The building's poster on A4, with the QR code of its page."""
    actor = access.actor_of(request)
    mine = access.building_for(actor, "people.print_poster", id)
    qr = qr_svg(request.build_absolute_uri(poster_link(mine)), label=_("QR code of this building's page"), large=True)
    address = request.build_absolute_uri("/")
    return page(request, "people/poster.html", building=mine, qr=qr, address=address, duties=duties_of([mine])[mine.pk])
