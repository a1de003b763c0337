"""`/`: each role's first page, or for a stranger the residents' entry."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from baogong.common.actors import Actor
from baogong.home.views import household, offices, poster, search, workers
from baogong.people import access
from baogong.people.middleware import has_session
from baogong.people.roles import Role
from baogong.web.once import SeeOther

FirstPage = Callable[[HttpRequest, Actor], HttpResponse]


def leads_to(name: str) -> FirstPage:
    """A role whose first page belongs to another room."""
    return lambda request, actor: SeeOther(reverse(name))


FIRST_PAGES: dict[str, FirstPage] = {
    Role.RESIDENT: household.first_page,
    Role.SOCIAL_WORKER: workers.first_page,
    Role.GRID_WORKER: workers.first_page,
    Role.VOLUNTEER: leads_to("distribution:tasks"),
    Role.BUYER: leads_to("groupbuy:desk_rounds"),
    Role.SUPPLIER: leads_to("supply:purchase_orders"),
    Role.OPERATOR: search.first_page,
    Role.COMMAND_POST: offices.command_post,
    Role.ADMIN: offices.administrator,
    Role.CARE_WORKER: offices.plain,
    Role.GUARD: offices.plain,
    Role.CARRIER: offices.plain,
}


@cache_control(private=True, no_cache=True)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    if not has_session(request) or not request.user.is_authenticated:
        return poster.entry(request)
    actor = access.actor_of(request)
    return FIRST_PAGES[actor.role](request, actor)
