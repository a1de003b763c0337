"""A browser's session: opening it in a role, changing the role, ending it."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth import login, logout
from django.http import HttpRequest
from django.utils.translation import gettext as _

from baogong.common.actors import Actor
from baogong.common.errors import NotAllowed
from baogong.common.events import record
from baogong.people.access import WAY, is_strong, roles_of
from baogong.people.models import Account
from baogong.people.roles import Role

STARTED, SEEN, ROLE = "started", "seen", "role"
BACKEND = "baogong.people.backends.AccountBackend"


def open_session(request: HttpRequest, account: Account, *, way: str, now: datetime) -> Actor:
    """Sign in: a new session id, the first role that this `way` of signing in allows. Raises NotAllowed without one.

    Ways are `password` (with the second factor, where the roles ask for one), and the codes `phone`, `letter` and
    `invitation`. A password is how staff sign in, so their roles go before the resident's.
    """
    strong = is_strong(way)
    held = roles_of(account, strong=strong)
    if not held:
        raise NotAllowed(_("This account has no task here any more. Ask the administrator."))
    chosen = next((role for role in held if role != Role.RESIDENT), held[0]) if strong else held[0]
    login(request, account, backend=BACKEND)
    for name in (PENDING, "nonce"):
        request.session.pop(name, None)
    request.session.update({STARTED: now.timestamp(), SEEN: now.timestamp(), ROLE: chosen.value, WAY: way})
    request.__dict__.pop("_actor", None)
    actor = Actor(account.subdistrict_id, account.pk, chosen.value)
    record("people.signed_in", account.pk, actor=actor, now=now, way=way)
    return actor


def choose_role(request: HttpRequest, account: Account, role: str) -> None:
    """Go on in another of the account's roles. Raises NotAllowed for one it does not have in this session."""
    if role not in roles_of(account, strong=is_strong(request.session.get(WAY))):
        raise NotAllowed(_("Your account does not have this role. Sign in with password and code first."), role=role)
    request.session[ROLE] = role
    request.__dict__.pop("_actor", None)


def close_session(request: HttpRequest, actor: Actor | None, *, now: datetime) -> None:
    """Sign out here."""
    if actor and actor.account_id:
        record("people.signed_out", actor.account_id, actor=actor, now=now)
    logout(request)


# ---------------------------------------------------------------- on the way in


PENDING = "pending"
PENDING_LIFE_S = 600


def begin(request: HttpRequest, account: Account, *, now: datetime) -> None:
    """The password was right; the next pages ask for the second factor and for a password of one's own."""
    request.session.cycle_key()
    request.session[PENDING] = {"account": str(account.pk), "at": now.timestamp(), "second": False}


def pending_account(request: HttpRequest, *, now: datetime) -> Account | None:
    """Whose password was right in this browser, up to ten minutes ago; None for anybody else."""
    pending = request.session.get(PENDING)
    if not pending or pending["at"] + PENDING_LIFE_S < now.timestamp():
        return None
    found: Account | None = Account.objects.filter(pk=pending["account"], is_active=True).first()
    return found


def second_factor_shown(request: HttpRequest) -> bool:
    return bool(request.session.get(PENDING, {}).get("second"))


def note_second_factor(request: HttpRequest) -> None:
    request.session[PENDING] = {**request.session[PENDING], "second": True}


def nonce_of(request: HttpRequest) -> str:
    """The secret that binds a sign-in code to this browser; made when first asked for."""
    if "nonce" not in request.session:
        request.session["nonce"] = secrets.token_urlsafe(24)
    return str(request.session["nonce"])
