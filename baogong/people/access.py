"""The only door to other people's records: who acts, what the role allows, and over which rows.

A row outside the actor's area looks exactly like one that does not exist (NotFound); an operation outside the role is
NotAllowed. `roles.OPERATIONS` says which role does what; the grants say where.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from baogong.common import clock
from baogong.common.actors import Actor
from baogong.common.errors import BadInput, NotAllowed, NotFound
from baogong.common.events import record
from baogong.common.ids import is_uuid
from baogong.people import roles
from baogong.people.models import Account, Grant, GrantQuerySet, Household, HouseholdQuerySet, Person, Token
from baogong.people.roles import STRONG, Area, Role
from baogong.places.models import Building, BuildingQuerySet, Community
from baogong.places.queries import subdistrict_of

__all__ = [
    "account_for_token", "actor_of", "actor_of_account", "building_for", "buildings_for", "communities_for",
    "household_for", "households_for", "is_strong", "issue_token", "live_grants", "may", "own_household", "people_for",
    "request_may", "require", "revoke_token", "roles_of", "subdistrict_of", "suppliers_for",
]  # fmt: skip

ROLE_ORDER = {role: position for position, role in enumerate(Role.values)}
WAY = "way"  # where a session keeps how it was signed in to
CODE_WAYS = {"phone", "letter", "invitation"}
TOKEN_PREFIX = "bg_"
TOKEN_SEEN_EVERY = timedelta(hours=1)  # a write at each call would make readers wait


# ---------------------------------------------------------------- who acts


def actor_of(request: HttpRequest) -> Actor:
    """Who sent this request, in the role that the session chose, else the account's first. Raises NotAllowed.

    A session that was opened with a code never acts in a role that needs the second factor.
    """
    known = getattr(request, "_actor", None)
    if known is not None:
        return known
    if not request.user.is_authenticated:
        raise NotAllowed(_("Please sign in first."))
    actor = _in_role(request.user, request.session.get("role"), strong=is_strong(request.session.get(WAY)))
    request._actor = actor  # type: ignore[attr-defined]
    return actor


def actor_of_account(account: Account) -> Actor:
    """The account in its first role by the order of `roles.Role`. Raises NotAllowed when it has none."""
    return _in_role(account, None, strong=True)


def is_strong(way: str | None) -> bool:
    """Whether a way of signing in is enough for the roles that ask for a second factor: a mere code is not."""
    return way not in CODE_WAYS


def roles_of(account: Account, *, strong: bool = True) -> list[Role]:
    """The account's roles of now in their order; without a second factor only those that need none."""
    held = set(live_grants(account.subdistrict_id, account.pk).values_list("role", flat=True))
    return [Role(role) for role in sorted(held, key=ROLE_ORDER.__getitem__) if strong or role not in STRONG]


def _in_role(account: Account, wanted: str | None, *, strong: bool) -> Actor:
    held = roles_of(account, strong=strong)
    if not held:
        raise NotAllowed(_("This account has no task here any more. Ask the administrator."))
    role = Role(wanted) if wanted in held else held[0]
    return Actor(account.subdistrict_id, account.pk, role.value)


# ---------------------------------------------------------------- what a role allows


def may(actor: Actor, operation: str) -> bool:
    """Whether the actor's role includes an operation; the installation itself may do everything."""
    return actor.is_system or roles.may(actor.role, operation)


def require(actor: Actor, operation: str) -> None:
    """Raises NotAllowed when the role does not include the operation."""
    if not may(actor, operation):
        raise NotAllowed(_("Your role does not include this."), operation=operation, role=actor.role)


def request_may(request: HttpRequest, operation: str) -> bool:
    """Like `may`, for whoever sent this request; false for strangers."""
    try:
        return may(actor_of(request), operation)
    except NotAllowed:
        return False


# ---------------------------------------------------------------- over which rows


def live_grants(subdistrict_id: UUID, account_id: UUID | None) -> GrantQuerySet:
    """What an account may do now."""
    mine: GrantQuerySet = Grant.objects.within(subdistrict_id)
    return mine.live(at=clock.now()).filter(account=account_id)


def _areas(actor: Actor) -> dict[str, list[UUID]]:
    """The areas of the actor's grants in its role: kind of area -> ids."""
    areas: dict[str, list[UUID]] = {}
    found = live_grants(actor.subdistrict_id, actor.account_id).filter(role=actor.role).order_by("since", "pk")
    for kind, area_id in found.values_list("area", "area_id"):
        areas.setdefault(kind, []).append(area_id)
    return areas


BUILDING_COLUMNS = {Area.BUILDING: "pk", Area.COMPOUND: "compound_id", Area.COMMUNITY: "compound__community_id"}


def _within_areas(areas: dict[str, list[UUID]], prefix: str = "") -> Q | None:
    """A condition on buildings (or on what `prefix` leads to), None where nothing is in reach."""
    if Area.SUBDISTRICT in areas:
        return Q()
    found: Q | None = None
    for kind, column in BUILDING_COLUMNS.items():
        if ids := areas.get(kind):
            column = prefix.rstrip("_") + "_id" if prefix and column == "pk" else prefix + column
            found = (found or Q()) | Q(**{f"{column}__in": ids})
    return found


def buildings_for(actor: Actor, operation: str) -> BuildingQuerySet:
    """The buildings over which the actor may do this; a resident's own; none where the role does not include it."""
    mine: BuildingQuerySet = Building.objects.within(actor.subdistrict_id)
    if actor.is_system:
        return mine
    if not may(actor, operation):
        return mine.none()
    areas = _areas(actor)
    reach = _within_areas(areas)
    if homes := areas.get(Area.HOUSEHOLD):
        reach = (reach or Q()) | Q(pk__in=Household.objects.filter(pk__in=homes).values("building_id"))
    return mine.none() if reach is None else mine.filter(reach)


def households_for(actor: Actor, operation: str) -> HouseholdQuerySet:
    """The households over which the actor may do this, with those that were merged into them; `living()` leaves the
    latter out. A resident's are the own ones."""
    mine: HouseholdQuerySet = Household.objects.within(actor.subdistrict_id)
    if actor.is_system:
        return mine
    if not may(actor, operation):
        return mine.none()
    areas = _areas(actor)
    reach = _within_areas(areas, "building__")
    if homes := areas.get(Area.HOUSEHOLD):
        reach = (reach or Q()) | Q(pk__in=homes) | Q(merged_into_id__in=homes)
    return mine.none() if reach is None else mine.filter(reach)


def household_for(actor: Actor, operation: str, ref: UUID | str | None = None) -> Household:
    """One living household by id or by code (`building/unit/flat`); None means the actor's own.

    Raises NotAllowed where the role does not include the operation, NotFound for a household that is unknown or
    outside the area, BadInput where none was named and the actor has none. A merged one gives what it went into.
    """
    require(actor, operation)
    reachable = households_for(actor, operation).select_related("unit", "building__compound", "merged_into")
    if ref is None or ref == "":
        return own_household(actor)
    if isinstance(ref, UUID) or is_uuid(ref):
        found = reachable.filter(pk=ref).first()
    else:
        found = reachable.living().filter(code=ref.strip().strip("/")).first()
    if found is None:
        raise NotFound(_("There is no such household here."))
    return found if found.merged_into_id is None else household_for(actor, operation, found.merged_into_id)


def own_household(actor: Actor) -> Household:
    """Where the actor lives; of several that it acts for, the one its person is a member of. Raises BadInput."""
    homes = live_grants(actor.subdistrict_id, actor.account_id).filter(area=Area.HOUSEHOLD).order_by("since", "pk")
    ids = list(homes.values_list("area_id", flat=True))
    mine = Household.objects.filter(pk__in=ids).living().select_related("unit", "building__compound")
    found = {household.pk: household for household in mine}
    if not found:
        raise BadInput(_("Say which household this is for."), field="household")
    lives_in = Person.objects.within(actor.subdistrict_id).filter(accounts=actor.account_id).values_list("household_id")
    at_home = [pk for (pk,) in lives_in if pk in found]
    return found[(at_home or [pk for pk in ids if pk in found])[0]]


def communities_for(actor: Actor, operation: str) -> QuerySet[Community]:
    """The communities that the actor's areas touch, where the role includes the operation."""
    mine: QuerySet[Community] = Community.objects.within(actor.subdistrict_id)
    if not may(actor, operation):
        return mine.none()
    if actor.is_system or Area.SUBDISTRICT in (areas := _areas(actor)):
        return mine
    touched = buildings_for(actor, operation).order_by().values("compound__community")
    return mine.filter(Q(pk__in=touched) | Q(pk__in=areas.get(Area.COMMUNITY, [])))


def building_for(actor: Actor, operation: str, ref: UUID | str) -> Building:
    """One building by id or code. Raises NotAllowed, or NotFound for unknown and foreign alike."""
    require(actor, operation)
    named = Q(pk=ref) if isinstance(ref, UUID) or is_uuid(ref) else Q(code=ref)
    found = buildings_for(actor, operation).select_related("compound__community").filter(named).first()
    if found is None:
        raise NotFound(_("There is no such building here."))
    return found


def people_for(actor: Actor, operation: str) -> Any:
    """Members of the households in the actor's reach."""
    return Person.objects.within(actor.subdistrict_id).filter(household__in=households_for(actor, operation))


def suppliers_for(actor: Actor, operation: str) -> list[UUID] | None:
    """The suppliers over which the actor may do this; None means all of them."""
    if actor.is_system:
        return None
    if not may(actor, operation):
        return []
    areas = _areas(actor)
    return None if Area.SUBDISTRICT in areas else areas.get(Area.SUPPLIER, [])


# ---------------------------------------------------------------- programs


def _digest(raw: str) -> bytes:
    return hashlib.sha256(raw.encode()).digest()


def issue_token(account: Account, label: str, now: datetime) -> str:
    """A new bearer token for a program of this account, shown this once: 256 random bits."""
    raw = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        subdistrict_id=account.subdistrict_id, account=account, digest=_digest(raw), label=label[:60], created_at=now
    )
    actor = Actor(account.subdistrict_id, account.pk, "account")
    record("people.token_issued", token.pk, actor=actor, now=now, account=str(account.pk))
    return raw


def revoke_token(token: Token, *, actor: Actor, now: datetime) -> bool:
    """From now on the token is worth nothing; False when that was so already."""
    done = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
    if done:
        record("people.token_revoked", token.pk, actor=actor, now=now)
    return bool(done)


def account_for_token(raw: str) -> Account | None:
    """The active account of a bearer token, or None."""
    if not raw.startswith(TOKEN_PREFIX):
        return None
    live = Token.objects.everywhere().filter(digest=_digest(raw), revoked_at=None, account__is_active=True)
    token = live.select_related("account").first()
    if token is None:
        return None
    at = clock.now()
    if token.last_used_at is None or token.last_used_at < at - TOKEN_SEEN_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=at)
    account: Account = token.account
    return account
