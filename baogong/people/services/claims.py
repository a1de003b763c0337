"""Becoming a member of a household: with the code of its letter, or invited by somebody who is one already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from baogong.common.actors import Actor, system
from baogong.common.errors import BadInput, RuleBroken
from baogong.common.events import event as new_event
from baogong.common.events import record, record_all
from baogong.common.ids import normal_code, secret_code
from baogong.people.codes import code_fits, hash_code, hash_codes, hint_of
from baogong.people.models import Account, Grant, Household, Person, SignInCode
from baogong.people.roles import Area, Role
from baogong.people.services.accounts import create_account, create_person
from baogong.people.services.failures import count_from_address
from baogong.people.services.grants import give_grant
from baogong.places.models import Building

CODE_LENGTH = 8  # 40 bits
MOST_MEMBERS = 8
INVITATION_LIFE = timedelta(hours=24)
CLAIMS_PER_ADDRESS = 200  # an hour; a whole estate may share one address


class HouseholdFull(RuleBroken):
    code = "household_full"


class WrongLetterCode(BadInput):
    code = "wrong_code"


@dataclass(frozen=True, slots=True)
class Letter:
    """One household's letter; the code exists in clear only here."""

    household: Household
    code: str


def print_letters(buildings: Iterable[Building], *, actor: Actor, now: datetime) -> list[Letter]:
    """A fresh code for each living household of the buildings, in the order of the doors. Older letters are void."""
    ids = [building.pk for building in buildings]
    living = Household.objects.within(actor.subdistrict_id).living().filter(building__in=ids)
    households = list(living.select_related("unit", "building__compound").in_order())
    codes = [secret_code(CODE_LENGTH) for _household in households]
    hashes = hash_codes(codes)
    with transaction.atomic():
        _void_letters(ids, actor, now=now)
        rows = [
            _code_row(SignInCode.Kind.LETTER, household, code, code_hash, now=now)
            for household, code, code_hash in zip(households, codes, hashes, strict=True)
        ]
        SignInCode.objects.bulk_create(rows, batch_size=1_000)
        record_all(new_event("people.letters_printed", building, actor=actor, now=now) for building in ids)
    return [Letter(household, code) for household, code in zip(households, codes, strict=True)]


def print_letter(household: Household, *, actor: Actor, now: datetime) -> Letter:
    """One household's letter again; its older one is void."""
    code = secret_code(CODE_LENGTH)
    code_hash = hash_code(code)
    with transaction.atomic():
        household.sign_in_codes.filter(kind=SignInCode.Kind.LETTER, used_at=None, ended_at=None).update(ended_at=now)
        _code_row(SignInCode.Kind.LETTER, household, code, code_hash, now=now).save(force_insert=True)
        record("people.letter_printed", household.pk, actor=actor, now=now, household_id=household.pk)
    return Letter(household, code)


def _void_letters(buildings: list[UUID], actor: Actor, *, now: datetime) -> None:
    letters = SignInCode.objects.within(actor.subdistrict_id).filter(kind=SignInCode.Kind.LETTER)
    letters.filter(household__building__in=buildings, used_at=None, ended_at=None).update(ended_at=now)


def _code_row(
    kind: str, household: Household, code: str, code_hash: str, *, now: datetime, life: timedelta | None = None
) -> SignInCode:
    return SignInCode(
        subdistrict_id=household.subdistrict_id,
        kind=kind,
        household=household,
        hint=hint_of(code),
        code_hash=code_hash,
        created_at=now,
        expires_at=now + life if life else None,
    )


def invite_member(household: Household, *, actor: Actor, now: datetime) -> str:
    """A code for one more member, good once and for 24 hours. Raises HouseholdFull, open invitations counted."""
    code = secret_code(CODE_LENGTH)
    code_hash = hash_code(code)
    with transaction.atomic():
        row = Household.objects.select_for_update(of=("self",)).get(pk=household.pk)
        _refuse_if_full(row, now=now, invited=_open_invitations(row, now=now))
        invitation = _code_row(SignInCode.Kind.INVITATION, row, code, code_hash, now=now, life=INVITATION_LIFE)
        invitation.save(force_insert=True)
        record("people.member_invited", row.pk, actor=actor, now=now, household_id=row.pk)
    return code


def _open_invitations(household: Household, *, now: datetime) -> int:
    invitations = household.sign_in_codes.filter(kind=SignInCode.Kind.INVITATION, used_at=None, ended_at=None)
    return int(invitations.filter(expires_at__gt=now).count())


def _members(household: Household, *, now: datetime) -> int:
    grants = Grant.objects.within(household.subdistrict_id).live(at=now)
    return int(grants.filter(role=Role.RESIDENT, area=Area.HOUSEHOLD, area_id=household.pk).count())


def _refuse_if_full(household: Household, *, now: datetime, invited: int = 0) -> None:
    if _members(household, now=now) + invited >= MOST_MEMBERS:
        raise HouseholdFull(
            _("%(most)s people of this household can order already, and no more can. Speak to your social worker.")
            % {"most": MOST_MEMBERS},
            most=MOST_MEMBERS,
        )


def claim_household_with_letter(
    account: Account | None, typed: str, *, name: str, subdistrict_id: UUID, address: str, now: datetime
) -> tuple[Account, Household]:
    """Make the holder of a letter's or an invitation's code a member of that household, for whom they may order.

    Without an account one is made; the letter of a household in which somebody of this name has an account signs that
    one in again. `address` is the network address, for the limit. Raises WrongLetterCode, HouseholdFull, TooMany,
    BadInput for a name that is missing.
    """
    name = " ".join(name.split())[:60]
    if account is None and not name:
        raise BadInput(_("Please say your name, so that the people who help you know who you are."), field="name")
    count_from_address(subdistrict_id, "claims", address, most_an_hour=CLAIMS_PER_ADDRESS, now=now)
    code = _find_code(subdistrict_id, normal_code(typed), now=now)
    if code is None:
        raise WrongLetterCode(
            _("This code is not known, was used, or a newer letter has replaced it. Look at the newest letter."),
            field="code",
        )
    with transaction.atomic():
        return _claim(code, account, name, now=now)


def _find_code(subdistrict_id: UUID, typed: str, *, now: datetime) -> SignInCode | None:
    kinds = [SignInCode.Kind.LETTER, SignInCode.Kind.INVITATION]
    live = SignInCode.objects.within(subdistrict_id).filter(kind__in=kinds, hint=hint_of(typed), used_at=None)
    found = list(live.filter(ended_at=None).select_related("household__merged_into"))
    fitting = [code for code in found if code_fits(code.code_hash, typed)]
    if not found:
        code_fits(None, typed)
    in_time = [code for code in fitting if code.expires_at is None or code.expires_at > now]
    return in_time[0] if in_time else None


def _claim(code: SignInCode, account: Account | None, name: str, *, now: datetime) -> tuple[Account, Household]:
    if not SignInCode.objects.filter(pk=code.pk, used_at=None, ended_at=None).update(used_at=now):
        raise WrongLetterCode(_("This code has just been used."), field="code")
    assert code.household is not None
    household = Household.objects.select_for_update(of=("self",)).get(pk=code.household.current.pk)
    account = account or _account_named(household, name) or _new_member(household, name, now=now)
    actor = Actor(household.subdistrict_id, account.pk, Role.RESIDENT)
    if not _is_member(account, household, now=now):
        _refuse_if_full(household, now=now)
        give_grant(account, Role.RESIDENT, Area.HOUSEHOLD, household.pk, actor=actor, now=now)
    _settle_in(account, household)
    SignInCode.objects.filter(pk=code.pk).update(used_by=account.pk)
    record(
        "people.household_claimed",
        household.pk,
        actor=actor,
        now=now,
        household_id=household.pk,
        account=str(account.pk),
        way=code.kind,
    )
    return account, household


def _is_member(account: Account, household: Household, *, now: datetime) -> bool:
    grants = Grant.objects.within(household.subdistrict_id).live(at=now).filter(account=account)
    return bool(grants.filter(role=Role.RESIDENT, area=Area.HOUSEHOLD, area_id=household.pk).exists())


def _account_named(household: Household, name: str) -> Account | None:
    """A member of this name who had an account before: the letter proves the door, the name says who."""
    accounts = Account.objects.within(household.subdistrict_id).filter(is_active=True, person__name=name)
    found: Account | None = accounts.filter(person__household=household).order_by("created_at").first()
    return found


def _new_member(household: Household, name: str, *, now: datetime) -> Account:
    """The person may be known without an account, from a list of households; else is new."""
    actor = system(household.subdistrict_id)
    person: Person | None = household.members.filter(name=name, accounts=None).first()
    person = person or create_person(name, household=household, actor=actor, now=now)
    return create_account(person, actor=actor, now=now)


def _settle_in(account: Account, household: Household) -> None:
    """The person lives here, if nowhere else; the first member is the one to ring."""
    person = account.person
    if person is None or (person.household_id not in {None, household.pk}):
        return
    person.household = household
    person.contact = person.contact or not household.members.filter(contact=True).exists()
    person.save(update_fields=["household", "contact"])
