"""People and their sign-ins: making them, passwords, phones, signing out everywhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from baogong.channels import services as channels
from baogong.common.actors import Actor
from baogong.common.errors import BadInput, RuleBroken
from baogong.common.events import record
from baogong.common.ids import secret_code
from baogong.common.search import search_text
from baogong.common.sorting import pinyin
from baogong.people.models import Account, Household, Person
from baogong.people.phones import masked

PHONE_HOLD = timedelta(hours=24)  # a changed number is good for signing in after this


class UsernameTaken(RuleBroken):
    code = "username_taken"


class WeakPassword(BadInput):
    code = "weak_password"


@transaction.atomic
def create_person(
    name: str,
    *,
    household: Household | None = None,
    phone: str = "",
    contact: bool = False,
    actor: Actor,
    now: datetime,
) -> Person:
    """A person, by a normalised phone number or none (`phones.normal_phone`)."""
    name = name.strip()[:60]
    person = Person(
        subdistrict_id=actor.subdistrict_id,
        name=name,
        household=household,
        contact=contact,
        created_at=now,
        search=search_text(name)[:300],
    )
    person.set_phone(phone)
    person.save(force_insert=True)
    record("people.person_added", person.pk, actor=actor, now=now, household_id=household.pk if household else None)
    return person


@transaction.atomic
def create_account(
    person: Person, *, username: str = "", password: str | None = None, actor: Actor, now: datetime
) -> Account:
    """A sign-in for a person; without a user name a random one, without a password only codes sign in.

    Raises UsernameTaken, WeakPassword.
    """
    username = username.strip()[:60] or f"r-{secret_code(12).lower()}"
    account = Account(
        subdistrict_id=actor.subdistrict_id, person=person, username=username, name=person.name, created_at=now
    )
    if password is None:
        account.set_unusable_password()
    else:
        check_password_strength(password, account)
        account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as taken:
        raise UsernameTaken(_("The user name “%(name)s” is taken.") % {"name": username}, field="username") from taken
    record("people.account_created", account.pk, actor=actor, now=now)
    return account


def free_username(name: str, subdistrict_id: UUID) -> str:
    """`wangwei`, then `wangwei2`, ...: made from a name, and never a telephone number, which others may know."""
    latin = re.sub(r"[^a-z]+", "", (name if name.isascii() else pinyin(name)[0]).lower())[:40] or "staff"
    accounts = Account.objects.within(subdistrict_id).filter(username__startswith=latin)
    taken = set(accounts.values_list("username", flat=True))
    return next(free for number in count(1) if (free := f"{latin}{number if number > 1 else ''}") not in taken)


def check_password_strength(password: str, account: Account) -> None:
    """Raises WeakPassword with what to do about it."""
    try:
        validate_password(password, account)
    except ValidationError as wrong:
        raise WeakPassword(" ".join(wrong.messages), field="password") from wrong


@transaction.atomic
def set_password(account: Account, password: str, *, temporary: bool = False, actor: Actor, now: datetime) -> None:
    """A new password; every session of the account ends. Raises WeakPassword."""
    check_password_strength(password, account)
    account.set_password(password)
    account.password_temporary = temporary
    account.signed_out_before = now
    account.save(update_fields=["password", "password_temporary", "signed_out_before"])
    record("people.password_set", account.pk, actor=actor, now=now, temporary=temporary)


def give_temporary_password(account: Account, *, actor: Actor, now: datetime) -> str:
    """A random password to be handed over in person and changed at the first sign-in: 100 bits."""
    password = "-".join(secret_code(5) for _ in range(4)).lower()
    set_password(account, password, temporary=True, actor=actor, now=now)
    return password


@transaction.atomic
def sign_out_everywhere(account: Account, *, actor: Actor, now: datetime) -> None:
    """Every session that is open now ends with its next request."""
    Account.objects.filter(pk=account.pk).update(signed_out_before=now)
    record("people.signed_out_everywhere", account.pk, actor=actor, now=now)


@transaction.atomic
def deactivate_account(account: Account, *, actor: Actor, now: datetime) -> None:
    """The account signs in no more, at once; tokens too. Raises LastAdministrator."""
    from baogong.people.services.grants import keep_an_administrator

    keep_an_administrator(account, now=now)
    Account.objects.filter(pk=account.pk).update(is_active=False, signed_out_before=now)
    record("people.account_deactivated", account.pk, actor=actor, now=now)


@transaction.atomic
def activate_account(account: Account, *, actor: Actor, now: datetime) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=True)
    record("people.account_activated", account.pk, actor=actor, now=now)


def set_language(account: Account, language: str) -> None:
    """The language for messages and for browsers that chose none themselves."""
    Account.objects.filter(pk=account.pk).update(language=language)


@transaction.atomic
def change_phone(person: Person, number: str, *, actor: Actor, now: datetime) -> bool:
    """A number that was confirmed by a code. The first one is in force at once (True); a changed one after a day
    (False): the old number is told, so that its owner can object before somebody else signs in."""
    old = person.phone
    if not old or old == number:
        person.set_phone(number)
        clear_next_phone(person)
    else:
        in_force = person.phone_sealed, person.phone_index
        person.set_phone(number)
        person.phone_next_sealed, person.phone_next_index = person.phone_sealed, person.phone_index
        person.phone_next_at = now + PHONE_HOLD
        person.phone_sealed, person.phone_index = in_force
        _tell_old_number(person, old, number, actor=actor, now=now)
    person.save()
    record("people.phone_changed", person.pk, actor=actor, now=now, household_id=person.household_id, held=bool(old))
    return person.phone_next_at is None


def _tell_old_number(person: Person, old: str, number: str, *, actor: Actor, now: datetime) -> None:
    text = _("Your number at Baogong changes to %(number)s in 24 hours. If you did not ask for this, call the hotline.")
    channels.queue_sms(
        old, text % {"number": masked(number)}, kind="phone_changed", recipient_id=person.pk, actor=actor, now=now
    )


def clear_next_phone(person: Person) -> None:
    person.phone_next_sealed = person.phone_next_index = person.phone_next_at = None


def phone_changes_due(*, now: datetime) -> int:
    """Put changed numbers in force whose day is over; returns how many. Safe to run twice."""
    due = list(Person.objects.everywhere().filter(phone_next_at__lte=now)[:500])
    for person in due:
        person.phone_sealed, person.phone_index = person.phone_next_sealed, person.phone_next_index
        clear_next_phone(person)
        person.save()
    return len(due)
