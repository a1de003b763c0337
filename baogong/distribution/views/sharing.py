"""The desk shares out what came, and everybody at a desk can see how."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from baogong.common.clock import now
from baogong.common.errors import NotFound, RuleBroken
from baogong.distribution import plan_view, services
from baogong.distribution.models import Allocation
from baogong.people import access
from baogong.supply.models import GoodsReceipt
from baogong.web.once import SeeOther, once


@require_POST
def share_out(request: HttpRequest, id: UUID) -> HttpResponse:
    """Share out everything that came for a receipt's purchase order; a second time shows what was done."""
    actor, at = access.actor_of(request), now()
    access.require(actor, "distribution.allocate")
    if not GoodsReceipt.objects.within(actor.subdistrict_id).filter(pk=id).exists():
        raise NotFound(_("There is no such receipt"))

    def share() -> str:
        done = services.allocate(id, actor=actor, now=at)
        return reverse("distribution:allocation", args=[done.pk])

    try:
        return once(request, actor, share, now=at)
    except RuleBroken as refusal:
        messages.error(request, str(refusal))
        return SeeOther(reverse("distribution:plans"))


@require_GET
def allocation(request: HttpRequest, id: UUID) -> HttpResponse:
    """How the goods of one purchase order were shared out: method, sums, seed."""
    actor = access.actor_of(request)
    access.require(actor, "distribution.see_plans")
    found = Allocation.objects.within(actor.subdistrict_id).filter(pk=id)
    shared = found.select_related("purchase_order__supplier", "round").first()
    if shared is None:
        raise NotFound(_("There is no such allocation"))
    shares = plan_view.shares_of(shared)
    context = {"allocation": shared, "shares": shares, "scarce": [share for share in shares if share.percent < 100]}
    return render(request, "distribution/allocation.html", context)
