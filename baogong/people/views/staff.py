"""Who works here: sign-ins, roles and where they hold, passwords and programs. Administrators only."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotFound
from baogong.common.search import matching
from baogong.people import access, services
from baogong.people.forms import GrantForm, StaffForm, TokenForm
from baogong.people.models import Account, Grant, Token
from baogong.people.queries import area_choices, area_names
from baogong.people.roles import Area, Role
from baogong.people.services import second_factor, signing
from baogong.people.views.common import carry_out, page
from baogong.people.views.signing import both
from baogong.web.forms import Form
from baogong.web.once import SeeOther, once

PAGE = 100
MANAGE = "people.manage_staff"


def _admin(request: HttpRequest) -> Actor:
    actor = access.actor_of(request)
    access.require(actor, MANAGE)
    return actor


def _account(actor: Actor, id: UUID) -> Account:
    """Raises NotFound for another subdistrict's and none alike."""
    found: Account | None = (
        Account.objects.within(actor.subdistrict_id).filter(pk=id).select_related("person__household").first()
    )
    if found is None:
        raise NotFound(_("There is no such sign-in here."))
    return found


@never_cache
@require_GET
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody with another role than that of a resident."""
    actor = _admin(request)
    at_work = Grant.objects.within(actor.subdistrict_id).live(at=now()).exclude(role=Role.RESIDENT)
    accounts = Account.objects.within(actor.subdistrict_id).filter(pk__in=at_work.values("account"))
    query = request.GET.get("q", "").strip()
    if query:
        accounts = accounts.filter(Q(username__icontains=query) | matching(query, ["person__search"]))
    page_obj = Paginator(accounts.order_by("name", "username"), PAGE).get_page(request.GET.get("page"))
    grants = list(at_work.filter(account__in=page_obj.object_list).order_by("since", "pk"))
    names = area_names(grants)
    by_account: dict[UUID, list[tuple[str, str]]] = {}
    for grant in grants:
        label = Role(grant.role).label
        by_account.setdefault(grant.account_id, []).append((str(label), names.get(grant.area_id, "")))
    rows = [(account, by_account.get(account.pk, [])) for account in page_obj.object_list]
    return page(request, "people/staff.html", rows=rows, page_obj=page_obj, query=query)


def with_areas(form: Form, actor: Actor) -> Form:
    form.fields["area"].choices = area_choices(actor.subdistrict_id)  # type: ignore[attr-defined]
    return form


def read_area(actor: Actor, form: Form) -> tuple[str, UUID]:
    """The area that was chosen, or the building whose code was typed. Raises NotFound."""
    if code := form.cleaned_data["building"].strip():
        return Area.BUILDING, access.building_for(actor, "places.see_building", code).pk
    kind, area_id = form.cleaned_data["area"].split(":")
    return kind, UUID(area_id)


@never_cache
@both
def add(request: HttpRequest) -> HttpResponse:
    """A new member of staff, with one role to begin with. The password is given on the next page."""
    actor = _admin(request)
    form = with_areas(StaffForm(request.POST or None), actor)

    def change() -> str:
        typed, at = form.cleaned_data, now()
        area, area_id = read_area(actor, form)
        username = typed["username"] or services.free_username(typed["name"], actor.subdistrict_id)
        person = services.create_person(typed["name"], phone=typed["phone"], actor=actor, now=at)
        account = services.create_account(person, username=username, actor=actor, now=at)
        services.give_grant(account, typed["role"], area, area_id, actor=actor, now=at)
        return reverse("people:staff_member", args=[account.pk])

    done = carry_out(request, form, actor, change, now=now()) if request.method == "POST" else None
    return done or page(request, "people/staff_add.html", form)


@never_cache
@require_GET
def member(request: HttpRequest, id: UUID) -> HttpResponse:
    actor = _admin(request)
    return _member(request, actor, _account(actor, id))


def _member(
    request: HttpRequest, actor: Actor, account: Account, form: Form | None = None, **once_only: str
) -> HttpResponse:
    """`once_only` is what this answer alone shows: a password, a token."""
    grants = list(account.grants.live(at=now()).order_by("since", "pk"))
    names = area_names(grants)
    return page(
        request,
        "people/staff_member.html",
        form or with_areas(GrantForm(), actor),
        account=account,
        grants=[(grant, Role(grant.role).label, names.get(grant.area_id, "")) for grant in grants],
        tokens=list(account.tokens.filter(revoked_at=None).order_by("created_at")),
        token_form=TokenForm(),
        strong=signing.needs_second_factor(account),
        **once_only,
    )


@require_POST
def give(request: HttpRequest, id: UUID) -> HttpResponse:
    """One more role."""
    actor = _admin(request)
    account = _account(actor, id)
    form = with_areas(GrantForm(request.POST), actor)

    def change() -> str:
        services.give_grant(account, form.cleaned_data["role"], *read_area(actor, form), actor=actor, now=now())
        return reverse("people:staff_member", args=[account.pk])

    return carry_out(request, form, actor, change, now=now()) or _member(request, actor, account, form)


def _act(request: HttpRequest, id: UUID, act: Callable[[Account, Actor], object], said: str) -> HttpResponse:
    actor = _admin(request)
    account = _account(actor, id)

    def change() -> str:
        act(account, actor)
        return reverse("people:staff_member", args=[account.pk])

    response = once(request, actor, change, now=now())
    messages.success(request, said)
    return response


@require_POST
def end(request: HttpRequest, id: UUID, grant: UUID) -> HttpResponse:
    """A role ends."""

    def act(account: Account, actor: Actor) -> None:
        found = account.grants.filter(pk=grant).first()
        if found is None:
            raise NotFound(_("This sign-in has no such role."))
        services.end_grant(found, actor=actor, now=now())

    return _act(request, id, act, _("The role has ended."))


@require_POST
def active(request: HttpRequest, id: UUID) -> HttpResponse:
    """Close a sign-in, or open it again."""
    if request.POST.get("on") == "1":
        return _act(
            request,
            id,
            lambda account, actor: services.activate_account(account, actor=actor, now=now()),
            _("The sign-in is open again."),
        )
    return _act(
        request,
        id,
        lambda account, actor: services.deactivate_account(account, actor=actor, now=now()),
        _("The sign-in is closed."),
    )


@require_POST
def reset(request: HttpRequest, id: UUID) -> HttpResponse:
    """The phone with the authenticator app is lost."""
    said = _("At the next sign-in the app is set up anew.")
    return _act(request, id, lambda account, actor: second_factor.reset(account, actor=actor, now=now()), said)


@require_POST
def unlock(request: HttpRequest, id: UUID) -> HttpResponse:
    said = _("The sign-in is open again.")
    return _act(request, id, lambda account, actor: signing.unlock(account, actor=actor, now=now()), said)


@never_cache
@require_POST
def new_password(request: HttpRequest, id: UUID) -> HttpResponse:
    """A password to be handed over in person, in this answer only; it must be changed at the first sign-in."""
    actor = _admin(request)
    account = _account(actor, id)
    given = services.give_temporary_password(account, actor=actor, now=now())
    return _member(request, actor, account, new_password=given)


@never_cache
@require_POST
def new_token(request: HttpRequest, id: UUID) -> HttpResponse:
    """A program's token, in this answer only."""
    actor = _admin(request)
    account = _account(actor, id)
    form = TokenForm(request.POST)
    label = form.cleaned_data["label"] if form.is_valid() else ""
    return _member(request, actor, account, new_token=access.issue_token(account, label, now()))


@require_POST
def revoke(request: HttpRequest, id: UUID, token: UUID) -> HttpResponse:
    actor = _admin(request)
    account = _account(actor, id)
    found = Token.objects.filter(pk=token, account=account).first()
    if found is None:
        raise NotFound(_("There is no such token."))
    access.revoke_token(found, actor=actor, now=now())
    return SeeOther(reverse("people:staff_member", args=[account.pk]))
