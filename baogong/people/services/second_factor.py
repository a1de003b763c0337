"""The second factor: a code from an authenticator app, a new one every 30 s, good for one step before and after."""

from __future__ import annotations

from datetime import datetime

import pyotp
from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common import crypto
from baogong.common.actors import Actor
from baogong.common.events import record
from baogong.people.models import Account
from baogong.people.services.failures import count_try, forgive, subject_of
from baogong.people.services.signing import WrongCode

STEP_S = 30
SLACK_STEPS = 1


def new_secret() -> str:
    """160 random bits in base 32."""
    return str(pyotp.random_base32())


def enrolment_uri(account: Account, secret: str, issuer: str) -> str:
    """What the QR code says to the authenticator app."""
    return str(pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=account.username, issuer_name=issuer))


def step_of(secret: str, typed: str, *, now: datetime) -> int | None:
    """The step whose code this is, or None."""
    typed = "".join(typed.split())
    current = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    fitting = [
        step
        for step in range(current - SLACK_STEPS, current + SLACK_STEPS + 1)
        if pyotp.utils.strings_equal(typed, totp.generate_otp(step))
    ]
    return fitting[0] if fitting else None


def enrol(account: Account, secret: str, typed: str, *, now: datetime) -> None:
    """Keep the secret once the app has shown that it has it. Raises WrongCode, TooMany."""
    subject = subject_of("user", account.username)
    count_try(account.subdistrict_id, subject, now=now)
    step = step_of(secret, typed, now=now)
    if step is None:
        raise _wrong()
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(totp_sealed=crypto.seal_system(secret), totp_last_step=step)
        actor = Actor(account.subdistrict_id, account.pk, "account")
        record("people.second_factor_set", account.pk, actor=actor, now=now)
    forgive(account.subdistrict_id, subject)


def check(account: Account, typed: str, *, now: datetime) -> None:
    """Raises WrongCode for a code that does not fit or was used before; TooMany, InPerson."""
    subject = subject_of("user", account.username)
    count_try(account.subdistrict_id, subject, now=now)
    secret = crypto.unseal_system(bytes(account.totp_sealed)) if account.totp_sealed else ""
    step = step_of(secret, typed, now=now) if secret else None
    if step is None:
        raise _wrong()
    if not Account.objects.filter(pk=account.pk, totp_last_step__lt=step).update(totp_last_step=step):
        raise _wrong()
    forgive(account.subdistrict_id, subject)


def _wrong() -> WrongCode:
    return WrongCode(_("The code is not right, or it was used before. Wait for the next one in your app."))


@transaction.atomic
def reset(account: Account, *, actor: Actor, now: datetime) -> None:
    """The phone with the app is lost: the next sign-in sets up a new one. Sessions that are open end."""
    Account.objects.filter(pk=account.pk).update(totp_sealed=None, totp_last_step=0, signed_out_before=now)
    record("people.second_factor_reset", account.pk, actor=actor, now=now)
