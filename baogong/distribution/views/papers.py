"""What a published plan puts on paper or into a spreadsheet; a worker gets the buildings of the own area."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from baogong.common.errors import BadInput, NotFound
from baogong.common.ids import is_uuid
from baogong.distribution import prints, queries, workbooks
from baogong.distribution.models import Delivery, Plan
from baogong.people import access

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PRINT = "distribution.print"
MOST_BAGS = 5_000  # on one page of HTML; a browser would choke on the labels of a whole subdistrict


@require_GET
def paper(request: HttpRequest, id: UUID, kind: str) -> HttpResponse:
    plan, buildings = _what_to_print(request, id)
    printed = Delivery.objects.filter(plan=plan, household__building__in=buildings)
    bags = printed.aggregate(bags=Sum("bags"))["bags"] or 0
    if bags > MOST_BAGS:
        text = _("%(count)s bags are too many for one page. Choose a compound or a building.")
        raise BadInput(text % {"count": bags}, field="part", most=MOST_BAGS)
    return HttpResponse(prints.render(kind, plan, buildings=buildings, request=request))


@require_GET
def workbook(request: HttpRequest, id: UUID, kind: str) -> HttpResponse:
    plan, buildings = _what_to_print(request, id)
    response = HttpResponse(workbooks.workbook(kind, plan, buildings=buildings), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{plan.code}-{kind}.xlsx"'
    return response


def _what_to_print(request: HttpRequest, id: UUID) -> tuple[Plan, Any]:
    """The plan and the buildings: all in reach, or those that `part=` names. Raises NotFound, NotAllowed."""
    actor = access.actor_of(request)
    access.require(actor, PRINT)
    plan, buildings = queries.plan_for(actor, id), access.buildings_for(actor, PRINT)
    return plan, _part(buildings, request.GET.get("part", ""))


def _part(buildings: Any, part: str) -> Any:
    """`building:<code>` or `compound:<id>`; everything where nothing is named."""
    kind, _colon, value = part.partition(":")
    if not part:
        return buildings
    if kind == "building":
        chosen = buildings.filter(code=value)
    else:
        chosen = buildings.filter(compound=value) if kind == "compound" and is_uuid(value) else buildings.none()
    if not chosen.exists():
        raise NotFound(_("There is no such building here."))
    return chosen
