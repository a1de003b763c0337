"""What a published plan puts on paper or into a spreadsheet; a worker gets the buildings of the own area."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from baogong.common.errors import NotFound
from baogong.distribution import prints, queries, workbooks
from baogong.distribution.models import Plan
from baogong.people import access

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PRINT = "distribution.print"


@require_GET
def paper(request: HttpRequest, id: UUID, kind: str) -> HttpResponse:
    plan, buildings = _what_to_print(request, id)
    return HttpResponse(prints.render(kind, plan, buildings=buildings, request=request))


@require_GET
def workbook(request: HttpRequest, id: UUID, kind: str) -> HttpResponse:
    plan, buildings = _what_to_print(request, id)
    response = HttpResponse(workbooks.workbook(kind, plan, buildings=buildings), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{plan.code}-{kind}.xlsx"'
    return response


def _what_to_print(request: HttpRequest, id: UUID) -> tuple[Plan, Any]:
    """The plan and the buildings: all in reach, or the one that `building=` names. Raises NotFound, NotAllowed."""
    actor = access.actor_of(request)
    access.require(actor, PRINT)
    plan, buildings = queries.plan_for(actor, id), access.buildings_for(actor, PRINT)
    code = request.GET.get("building", "")
    if code and not (buildings := buildings.filter(code=code)).exists():
        raise NotFound(_("There is no such building here."))
    return plan, buildings
