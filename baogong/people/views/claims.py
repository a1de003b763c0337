"""Becoming a member of a household, and inviting others into it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from baogong.common.clock import now
from baogong.common.errors import RuleBroken
from baogong.people import access
from baogong.people.addresses import spoken_door
from baogong.people.forms import ClaimForm, MemberClaimForm
from baogong.people.models import Account, Household
from baogong.people.qr import qr_svg
from baogong.people.queries import members_of
from baogong.people.roles import Role
from baogong.people.services import claim_household_with_letter, invite_member
from baogong.people.services.claims import MOST_MEMBERS
from baogong.people.sessions import choose_role, open_session
from baogong.people.views.common import address_of, page, put_into
from baogong.people.views.signing import both
from baogong.web.once import SeeOther


@never_cache
@sensitive_post_parameters("code")
@both
def claim(request: HttpRequest) -> HttpResponse:
    """The code of a letter or an invitation. Its QR code carries it behind `#`, which browsers never send."""
    account: Account | None = request.user if isinstance(request.user, Account) else None
    form = (MemberClaimForm if account else ClaimForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            claimed = claim_household_with_letter(
                account,
                form.cleaned_data["code"],
                name=form.cleaned_data.get("name", ""),
                subdistrict_id=access.subdistrict_of(request),
                address=address_of(request),
                now=now(),
            )
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            return _welcome(request, *claimed, signed_in=account is not None)
    return page(request, "people/claim.html", form)


def _welcome(request: HttpRequest, account: Account, household: Household, *, signed_in: bool) -> HttpResponse:
    """Signed in as a member, and asked for a phone number, which opens the door the next time."""
    if signed_in:
        choose_role(request, account, Role.RESIDENT)
    else:
        open_session(request, account, way="letter", now=now())
    door = access.household_for(access.actor_of(request), "people.manage_own_household", household.pk)
    messages.success(request, _("You can order for %(door)s now.") % {"door": spoken_door(door)})
    has_phone = account.person is not None and account.person.has_phone
    return SeeOther("/" if has_phone else reverse("people:phone"))


@never_cache
@require_GET
def household(request: HttpRequest) -> HttpResponse:
    """Who can order for the reader's household."""
    return _household(request)


@never_cache
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """A code for one more member. It is in this answer only; looking away and back makes none anew, pressing does."""
    actor = access.actor_of(request)
    own = access.household_for(actor, "people.manage_own_household")
    try:
        invitation = invite_member(own, actor=actor, now=now())
    except RuleBroken as refusal:
        messages.error(request, str(refusal))
        return SeeOther(reverse("people:household"))
    link = request.build_absolute_uri(reverse("people:claim")) + f"#{invitation}"
    return _household(
        request, code=invitation, link=link, qr=qr_svg(link, label=_("QR code of the invitation"), large=True)
    )


def _household(request: HttpRequest, **invitation: Any) -> HttpResponse:
    actor = access.actor_of(request)
    own = access.household_for(actor, "people.manage_own_household")
    members = members_of(own, at=now())
    return page(
        request,
        "people/household.html",
        household=own,
        members=members,
        me=actor.account_id,
        room=MOST_MEMBERS - len(members),
        **invitation,
    )
