"""Signing in: codes sent to a phone, passwords with a second factor. Known and unknown names get the same answers,
made with the same work."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from baogong.channels import services as channels
from baogong.channels.models import Message
from baogong.common import crypto
from baogong.common.actors import Actor, system
from baogong.common.errors import BadInput
from baogong.common.events import record
from baogong.common.figures import whole
from baogong.common.ids import new_id
from baogong.people.access import roles_of
from baogong.people.backends import password_fits
from baogong.people.codes import code_fits, hash_code
from baogong.people.models import Account, Household, Person, SignInCode, SignInFailures
from baogong.people.roles import STRONG, Area, Role
from baogong.people.services.accounts import create_account
from baogong.people.services.failures import (
    count_from_address,
    count_try,
    forget_old_tries,
    forgive,
    subject_of,
    wait,
)
from baogong.people.services.grants import give_grant
from baogong.places.models import Subdistrict

log = logging.getLogger(__name__)

# (how many codes, within how many seconds) for one phone
PER_PHONE = [(1, 60), (5, 3600), (10, 24 * 3600)]
CODES_PER_ADDRESS = 200  # an hour; a whole estate may share one address
CODES_AN_HOUR = 5_000  # for the whole subdistrict: messages cost money
PASSWORDS_PER_ADDRESS = 600  # an hour


class WrongCode(BadInput):
    code = "wrong_code"


class WrongPassword(BadInput):
    code = "wrong_password"


def browser_mark(nonce: str) -> str:
    """What is kept of the browser session that asked for a code."""
    return hashlib.sha256(nonce.encode()).hexdigest()


# ---------------------------------------------------------------- codes by SMS


def request_phone_code(
    subdistrict_id: UUID, number: str, *, nonce: str, address: str, confirming: bool = False, now: datetime
) -> None:
    """Send a code to a normalised number, if somebody here has it; the answer is the same if nobody has.

    `nonce` is the secret of the browser session that asks, `address` its network address. `confirming` sends it in any
    case: somebody who is signed in says that the number is theirs. Raises TooMany.
    """
    code = f"{secrets.randbelow(1_000_000):06d}"
    code_hash = hash_code(code)  # before the transaction: it is slow, and nobody should wait for it
    known = bool(people_with_phone(subdistrict_id, number)) or confirming
    life = timedelta(seconds=whole("sign_in.otp_seconds", subdistrict_id))
    count_from_address(subdistrict_id, "codes", address, most_an_hour=CODES_PER_ADDRESS, now=now)
    with transaction.atomic():
        _keep_to_limits(subdistrict_id, number, now=now)
        SignInCode.objects.create(
            subdistrict_id=subdistrict_id,
            kind=SignInCode.Kind.PHONE,
            phone_index=crypto.blind_index("phone", number),
            session=browser_mark(nonce),
            code_hash=code_hash,
            created_at=now,
            expires_at=now + life,
        )
        _send_code(subdistrict_id, number, code, decoy=not known, expires_at=now + life, now=now)


def _send_code(
    subdistrict_id: UUID, number: str, code: str, *, decoy: bool, expires_at: datetime, now: datetime
) -> None:
    minutes = max(1, int((expires_at - now).total_seconds() // 60))
    text = _("%(code)s is your code for Baogong, good for %(minutes)s minutes. Tell it to nobody.")
    one = channels.Outgoing(
        channel=Message.Channel.SMS,
        recipient_id=new_id(),  # nobody's: the row must not tell who it is for
        kind=channels.SIGN_IN_CODE,
        text=text % {"code": code, "minutes": minutes},
        address=number,
        secret=True,
        expires_at=expires_at,
        decoy=decoy,
    )
    channels.queue_messages([one], actor=system(subdistrict_id), now=now)


def _keep_to_limits(subdistrict_id: UUID, number: str, *, now: datetime) -> None:
    """Raises TooMany. The phone's row of tries is locked first, so that two requests at once are counted one by one."""
    rows = SignInFailures.objects.within(subdistrict_id)
    rows.get_or_create(subject=subject_of("phone", number), defaults={"subdistrict_id": subdistrict_id})
    rows.select_for_update().get(subject=subject_of("phone", number))
    codes = SignInCode.objects.within(subdistrict_id).filter(kind=SignInCode.Kind.PHONE)
    in_all = codes.filter(created_at__gt=now - timedelta(hours=1)).count()
    if in_all * 5 >= CODES_AN_HOUR * 4:
        log.warning("%d sign-in codes within an hour; no more than %d are sent", in_all, CODES_AN_HOUR)
    if not settings.BAOGONG_LIMITS:
        return
    mine = codes.filter(phone_index=crypto.blind_index("phone", number)).order_by("-created_at")
    sent = list(mine.values_list("created_at", flat=True)[:10])
    for most, within_s in PER_PHONE:
        if len(sent) >= most and (left := within_s - (now - sent[most - 1]).total_seconds()) > 0:
            raise wait(left)
    if in_all >= CODES_AN_HOUR:
        raise wait(600)


def verify_phone_code(subdistrict_id: UUID, number: str, typed: str, *, nonce: str, now: datetime) -> None:
    """Whether `typed` is the newest code sent to this number for this browser. It is good once.

    Raises WrongCode, for a phone nobody has too; TooMany and InPerson without looking at what was typed.
    """
    subject = subject_of("phone", number)
    count_try(subdistrict_id, subject, now=now)
    row = _take_try(subdistrict_id, number, nonce, now=now)
    if not code_fits(row.code_hash if row else None, "".join(typed.split())) or not row or not _use(row, now=now):
        raise WrongCode(_("The code is not right, or it has run out. Ask for a new one if you are not sure."))
    forgive(subdistrict_id, subject)


@transaction.atomic
def _take_try(subdistrict_id: UUID, number: str, nonce: str, *, now: datetime) -> SignInCode | None:
    """The code that may still be tried, with this try counted."""
    live = SignInCode.objects.within(subdistrict_id).filter(
        kind=SignInCode.Kind.PHONE,
        phone_index=crypto.blind_index("phone", number),
        session=browser_mark(nonce),
        used_at=None,
        expires_at__gt=now,
    )
    row: SignInCode | None = live.order_by("-created_at").first()
    most = whole("sign_in.otp_tries", subdistrict_id)
    counted = row and SignInCode.objects.filter(pk=row.pk, tries__lt=most).update(tries=F("tries") + 1)
    return row if counted else None


def _use(row: SignInCode, *, now: datetime, by: UUID | None = None) -> bool:
    return bool(SignInCode.objects.filter(pk=row.pk, used_at=None, ended_at=None).update(used_at=now, used_by=by))


def people_with_phone(subdistrict_id: UUID, number: str) -> list[Person]:
    """Whom a code to this number can sign in: people with an active account, and contacts of living households."""
    people = Person.objects.within(subdistrict_id).with_phone(number)
    welcome = Q(accounts__is_active=True) | Q(contact=True, household__ended_at=None, household__isnull=False)
    return list(people.filter(welcome).select_related("household").distinct().order_by("pk"))


@transaction.atomic
def accounts_for_phone(subdistrict_id: UUID, number: str, *, now: datetime) -> list[Account]:
    """The accounts that this number, now proved, signs in to.

    The contact of a household that the building's worker took down gets an account at the first sign-in: the worker
    has vouched for the number. Accounts with none but strong roles are left out: a code does not open them.
    """
    people = people_with_phone(subdistrict_id, number)
    found: list[Account] = []
    for person in people:
        active = list(person.accounts.filter(is_active=True).order_by("created_at"))
        if not active and person.household and not person.accounts.exists():
            active = [_account_of_contact(person, now=now)]
        found.extend(account for account in active if roles_of(account, strong=False))
    return found


def _account_of_contact(person: Person, *, now: datetime) -> Account:
    actor = system(person.subdistrict_id)
    account = create_account(person, actor=actor, now=now)
    assert person.household_id is not None
    give_grant(account, Role.RESIDENT, Area.HOUSEHOLD, person.household_id, actor=actor, now=now)
    return account


# ---------------------------------------------------------------- passwords


def check_password(subdistrict_id: UUID, username: str, password: str, *, address: str, now: datetime) -> Account:
    """The account whose password this is. The second factor, where asked for, comes after.

    Raises WrongPassword, the same for a name nobody has; TooMany, InPerson.
    """
    username = username.strip()[:60]
    count_from_address(subdistrict_id, "passwords", address, most_an_hour=PASSWORDS_PER_ADDRESS, now=now)
    count_try(subdistrict_id, subject_of("user", username), now=now)
    account: Account | None = Account.objects.within(subdistrict_id).filter(username=username).first()
    if not password_fits(account, password) or account is None or not account.is_active:
        raise WrongPassword(_("User name or password is not right."))
    if not needs_second_factor(account):
        forgive(subdistrict_id, subject_of("user", username))
    return account


def needs_second_factor(account: Account) -> bool:
    """A role that can do harm asks for it; invented people of a demonstration are let in without."""
    if Subdistrict.objects.filter(pk=account.subdistrict_id, demonstration=True).exists():
        return False
    return bool(STRONG & set(roles_of(account)))


def forgive_user(account: Account) -> None:
    """The right password was shown by somebody who is signed in with the second factor already."""
    forgive(account.subdistrict_id, subject_of("user", account.username))


def unlock(account: Account, *, actor: Actor, now: datetime) -> None:
    """Open a sign-in that too many wrong tries have closed: somebody who knows the person has seen them."""
    forgive_user(account)
    if account.person and account.person.has_phone:
        forgive(account.subdistrict_id, subject_of("phone", account.person.phone))
    record("people.sign_in_unlocked", account.pk, actor=actor, now=now)


@transaction.atomic
def unlock_household(household: Household, *, actor: Actor, now: datetime) -> None:
    """The same for everybody of a household: their numbers, and their accounts."""
    for account in Account.objects.within(household.subdistrict_id).filter(person__household=household):
        forgive_user(account)
    for person in household.members.exclude(phone_sealed=None):
        forgive(household.subdistrict_id, subject_of("phone", person.phone))
    record("people.household_unlocked", household.pk, actor=actor, now=now, household_id=household.pk)


# ---------------------------------------------------------------- housekeeping


def forget_old_codes(*, now: datetime) -> int:
    """Phone codes and invitations are kept for a day after their end, tries as long as they count."""
    old = SignInCode.objects.everywhere().exclude(kind=SignInCode.Kind.LETTER)
    return int(old.filter(expires_at__lt=now - timedelta(days=1)).delete()[0]) + forget_old_tries(now=now)
