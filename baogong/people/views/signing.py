"""Signing in and out: a code by SMS for residents and people on foot, a password (and the second factor) for staff."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from baogong.common import crypto
from baogong.common.clock import now
from baogong.common.errors import NotAllowed, RuleBroken
from baogong.people import access
from baogong.people.forms import NewPasswordForm, PasswordForm, PhoneCodeForm, PhoneForm, SecondFactorForm
from baogong.people.models import Account
from baogong.people.phones import masked
from baogong.people.qr import qr_svg
from baogong.people.services import second_factor, set_password, signing
from baogong.people.sessions import (
    begin,
    close_session,
    nonce_of,
    note_second_factor,
    open_session,
    pending_account,
    second_factor_shown,
)
from baogong.people.views.common import address_of, page, put_into, safe_next
from baogong.web.once import SeeOther

PHONE, CHOICES, NEXT, SECRET = "sign_in_phone", "sign_in_choices", "sign_in_next", "totp_secret"

both = require_http_methods(["GET", "POST"])


def _remember_next(request: HttpRequest) -> None:
    if "next" in request.GET:
        request.session[NEXT] = safe_next(request, request.GET)


def _onward(request: HttpRequest) -> str:
    return safe_next(request, {"next": request.session.pop(NEXT, "/")})


# ---------------------------------------------------------------- a code by SMS


@never_cache
@both
def sign_in(request: HttpRequest) -> HttpResponse:
    """Asks for the phone number; the answer is the same whoever has it."""
    _remember_next(request)
    if request.user.is_authenticated and request.method == "GET":
        return SeeOther(_onward(request))
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["phone"]
        try:
            signing.request_phone_code(
                access.subdistrict_of(request), number, nonce=nonce_of(request), address=address_of(request), now=now()
            )
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            request.session[PHONE] = number
            return SeeOther(reverse("people:code"))
    return page(request, "people/sign_in.html", form)


@never_cache
@sensitive_post_parameters("code")
@both
def code(request: HttpRequest) -> HttpResponse:
    """Asks for the code that was sent."""
    number = request.session.get(PHONE)
    if not number:
        return SeeOther(reverse("people:sign_in"))
    form = PhoneCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        subdistrict_id, at = access.subdistrict_of(request), now()
        try:
            signing.verify_phone_code(
                subdistrict_id, number, form.cleaned_data["code"], nonce=nonce_of(request), now=at
            )
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            del request.session[PHONE]
            return _proved(request, signing.accounts_for_phone(subdistrict_id, number, now=at))
    return page(request, "people/code.html", form, number=masked(number), phone=number)


def _proved(request: HttpRequest, accounts: list[Account]) -> HttpResponse:
    """The number is this reader's: sign in, ask as whom, or say which door is the right one."""
    if not accounts:
        messages.error(request, _("This number opens no sign-in here. Staff sign in with their password."))
        return SeeOther(reverse("people:staff_sign_in"))
    if len(accounts) > 1:
        request.session[CHOICES] = [str(account.pk) for account in accounts]
        return SeeOther(reverse("people:choose"))
    onward = _onward(request)
    open_session(request, accounts[0], way="phone", now=now())
    return SeeOther(onward)


@never_cache
@both
def choose(request: HttpRequest) -> HttpResponse:
    """One number, several people: as whom?"""
    ids = request.session.get(CHOICES, [])
    found = (
        Account.objects.filter(pk__in=ids, is_active=True).select_related("person__household").order_by("created_at")
    )
    accounts = list(found)
    if not accounts:
        return SeeOther(reverse("people:sign_in"))
    chosen = [account for account in accounts if str(account.pk) == request.POST.get("account")]
    if request.method == "POST" and chosen:
        del request.session[CHOICES]
        onward = _onward(request)
        open_session(request, chosen[0], way="phone", now=now())
        return SeeOther(onward)
    context = [(account, [role.label for role in access.roles_of(account, strong=False)]) for account in accounts]
    return page(request, "people/choose.html", accounts=context)


# ---------------------------------------------------------------- a password


@never_cache
@sensitive_post_parameters("password")
@both
def staff_sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password; what else is asked for comes on the next pages."""
    _remember_next(request)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = signing.check_password(
                access.subdistrict_of(request),
                form.cleaned_data["username"],
                form.cleaned_data["password"],
                address=address_of(request),
                now=now(),
            )
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            begin(request, account, now=now())
            return _go_on(request, account)
    return page(request, "people/staff_sign_in.html", form)


def _go_on(request: HttpRequest, account: Account) -> HttpResponse:
    """What this account still has to show or do, else in."""
    if signing.needs_second_factor(account) and not second_factor_shown(request):
        return SeeOther(reverse("people:second_factor" if account.totp_sealed else "people:enrol"))
    if account.password_temporary:
        return SeeOther(reverse("people:first_password"))
    onward = _onward(request)
    try:
        open_session(request, account, way="password", now=now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return SeeOther(reverse("people:staff_sign_in"))
    return SeeOther(onward)


@never_cache
@sensitive_post_parameters("code")
@both
def second_factor_page(request: HttpRequest) -> HttpResponse:
    account = pending_account(request, now=now())
    if account is None or not account.totp_sealed:
        return SeeOther(reverse("people:staff_sign_in"))
    form = SecondFactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.check(account, form.cleaned_data["code"], now=now())
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            note_second_factor(request)
            return _go_on(request, account)
    return page(request, "people/second_factor.html", form)


@never_cache
@sensitive_post_parameters("code")
@both
def enrol(request: HttpRequest) -> HttpResponse:
    """The first sign-in of a role that can do harm: the authenticator app is set up."""
    account = pending_account(request, now=now())
    if account is None or account.totp_sealed:
        return SeeOther(reverse("people:staff_sign_in"))
    secret = _secret_being_set_up(request)
    form = SecondFactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.enrol(account, secret, form.cleaned_data["code"], now=now())
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            del request.session[SECRET]
            note_second_factor(request)
            return _go_on(request, account)
    uri = second_factor.enrolment_uri(account, secret, _("Baogong"))
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return page(
        request, "people/enrol.html", form, qr=qr_svg(uri, label=_("QR code for the app"), large=True), secret=grouped
    )


def _secret_being_set_up(request: HttpRequest) -> str:
    """The same until the app has shown that it has it; sealed, since sessions lie in the database."""
    if SECRET not in request.session:
        request.session[SECRET] = crypto.seal_system(second_factor.new_secret()).hex()
    return crypto.unseal_system(bytes.fromhex(request.session[SECRET]))


@never_cache
@sensitive_post_parameters("password", "again")
@both
def first_password(request: HttpRequest) -> HttpResponse:
    """The password was given by somebody else: it is changed before anything else happens."""
    account = pending_account(request, now=now())
    if account is None or not account.password_temporary:
        return SeeOther(reverse("people:staff_sign_in"))
    if signing.needs_second_factor(account) and not second_factor_shown(request):
        return SeeOther(reverse("people:second_factor"))
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = now()
        try:
            actor = access.actor_of_account(account)
            set_password(account, form.cleaned_data["password"], actor=actor, now=at)
        except RuleBroken as refusal:
            put_into(form, refusal)
        else:
            return _go_on(request, account)
    return page(request, "people/first_password.html", form)


# ---------------------------------------------------------------- out


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends this session; the browser is told to forget what it kept of us."""
    try:
        actor = access.actor_of(request)
    except NotAllowed:
        actor = None
    close_session(request, actor, now=now())
    response = redirect("/")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
