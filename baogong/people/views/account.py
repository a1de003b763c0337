"""The reader's own sign-in: role, language, phone, password, and the way out everywhere."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from baogong.common.actors import Actor
from baogong.common.clock import now
from baogong.common.errors import NotAllowed, NotFound, RuleBroken
from baogong.people import access
from baogong.people.forms import ChangePasswordForm, PhoneCodeForm, PhoneForm
from baogong.people.models import Account, Person, Volunteer
from baogong.people.phones import masked
from baogong.people.services import (
    change_phone,
    set_language,
    set_password,
    set_volunteer_duty,
    sign_out_everywhere,
    signing,
)
from baogong.people.sessions import WAY, choose_role, close_session, nonce_of, open_session
from baogong.people.views.common import address_of, base_for, page, put_into
from baogong.people.views.signing import both
from baogong.web.once import SeeOther

NEW_PHONE = "new_phone"


def me(request: HttpRequest) -> tuple[Actor, Account]:
    """Who reads. Raises NotAllowed when signed out."""
    actor = access.actor_of(request)
    assert isinstance(request.user, Account)
    return actor, request.user


def my_person(account: Account) -> Person:
    if account.person is None:
        raise NotFound(_("This sign-in belongs to nobody in particular, so it has no phone number."))
    return account.person


@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    actor, mine = me(request)
    held = access.roles_of(mine, strong=access.is_strong(request.session.get(WAY)))
    person = mine.person
    return page(
        request,
        "people/account.html",
        base=base_for(actor),
        account=mine,
        role=actor.role,
        roles=held,
        phone=masked(person.phone) if person and person.has_phone else "",
        waiting_until=person.phone_next_at if person else None,
        volunteer=Volunteer.objects.filter(account=mine).select_related("group").first(),
        languages=settings.LANGUAGES,
    )


@require_POST
def role(request: HttpRequest) -> HttpResponse:
    """Go on in another of one's roles. Raises NotAllowed."""
    _actor, mine = me(request)
    choose_role(request, mine, request.POST.get("role", ""))
    return SeeOther("/")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Kept with the account, so that every browser speaks it, and here at once."""
    _actor, mine = me(request)
    response = SeeOther(reverse("people:account"))
    if (chosen := request.POST.get("language", "")) in dict(settings.LANGUAGES):
        set_language(mine, chosen)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return response


@require_POST
def everywhere(request: HttpRequest) -> HttpResponse:
    """Sign out on all devices, this one too."""
    actor, mine = me(request)
    sign_out_everywhere(mine, actor=actor, now=now())
    close_session(request, actor, now=now())
    response = SeeOther("/")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
def duty(request: HttpRequest) -> HttpResponse:
    """A volunteer goes on or off duty. Raises NotFound for anybody else."""
    actor, mine = me(request)
    volunteer = Volunteer.objects.filter(account=mine).first()
    if volunteer is None:
        raise NotFound(_("You are on no list of volunteers."))
    set_volunteer_duty(volunteer, request.POST.get("on") == "1", actor=actor, now=now())
    return SeeOther(reverse("people:account"))


# ---------------------------------------------------------------- phone


@never_cache
@both
def phone(request: HttpRequest) -> HttpResponse:
    """A number of one's own: a code goes to it first."""
    actor, mine = me(request)
    person = my_person(mine)
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["phone"]
        try:
            _may_change(request, person)
            signing.request_phone_code(
                actor.subdistrict_id,
                number,
                nonce=nonce_of(request),
                address=address_of(request),
                confirming=True,
                now=now(),
            )
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            request.session[NEW_PHONE] = number
            return SeeOther(reverse("people:phone_code"))
    return page(request, "people/phone.html", form, base=base_for(actor), first=not person.has_phone)


FRESH_S = 15 * 60


def _may_change(request: HttpRequest, person: Person) -> None:
    """A number that is known is changed only right after signing in: a phone left lying about is not enough."""
    started = request.session.get("started", 0)
    if person.has_phone and started + FRESH_S < now().timestamp():
        raise NotAllowed(_("To change your number, sign out and in again first: so we know that it is you."))


@never_cache
@sensitive_post_parameters("code")
@both
def phone_code(request: HttpRequest) -> HttpResponse:
    actor, mine = me(request)
    person, number = my_person(mine), request.session.get(NEW_PHONE)
    if not number:
        return SeeOther(reverse("people:phone"))
    form = PhoneCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = now()
        try:
            signing.verify_phone_code(
                actor.subdistrict_id, number, form.cleaned_data["code"], nonce=nonce_of(request), now=at
            )
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            del request.session[NEW_PHONE]
            _say(request, change_phone(person, number, actor=actor, now=at))
            return SeeOther("/" if request.session.get(WAY) == "letter" else reverse("people:account"))
    return page(request, "people/phone_code.html", form, base=base_for(actor), number=masked(number))


def _say(request: HttpRequest, in_force: bool) -> None:
    if in_force:
        messages.success(request, _("Your number is noted. With it you can sign in from now on."))
    else:
        messages.success(request, _("The new number holds in 24 hours. The old one has been told."))


# ---------------------------------------------------------------- password


@never_cache
@sensitive_post_parameters("current", "password", "again")
@both
def password(request: HttpRequest) -> HttpResponse:
    """A new password; the other sessions end, this one goes on. Raises NotFound where there is no password."""
    actor, mine = me(request)
    if not mine.has_usable_password():
        raise NotFound(_("You sign in with a code, there is no password."))
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = now()
        try:
            signing.check_password(
                actor.subdistrict_id, mine.username, form.cleaned_data["current"], address=address_of(request), now=at
            )
            set_password(mine, form.cleaned_data["password"], actor=actor, now=at)
        except signing.WrongPassword:
            form.add_error("current", _("This is not your password."))
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            signing.forgive_user(mine)
            open_session(request, mine, way="password", now=at)
            choose_role(request, mine, actor.role)
            messages.success(request, _("The new password holds. Other devices are signed out."))
            return SeeOther(reverse("people:account"))
    return page(request, "people/password.html", form, base=base_for(actor))
