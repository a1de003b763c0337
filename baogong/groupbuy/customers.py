"""For whom a page orders: the reader's own household, or one that a worker or operator answers for."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from baogong.common.actors import Actor
from baogong.people import access
from baogong.people.models import Household


@dataclass(frozen=True, slots=True)
class Customer:
    """Who orders, and for which household; `named` says that the address must go on naming it."""

    actor: Actor
    household: Household
    on_behalf: bool
    named: bool

    @property
    def ref(self) -> str:
        """What links and forms carry."""
        return str(self.household.pk) if self.named else ""


def customer_of(request: HttpRequest) -> Customer | None:
    """The household that `household=` names in form or address, else the reader's own; None where there is neither.

    Raises NotFound for a household outside the reader's reach.
    """
    if not request.user.is_authenticated:
        return None
    actor = access.actor_of(request)
    ref = request.POST.get("household") or request.GET.get("household") or ""
    if access.may(actor, "groupbuy.order"):
        return Customer(actor, access.household_for(actor, "groupbuy.order", ref or None), False, bool(ref))
    if ref and access.may(actor, "groupbuy.order_for_others"):
        return Customer(actor, access.household_for(actor, "groupbuy.order_for_others", ref), True, True)
    return None
