"""The parts that staff see at the top of their pages, and who they are there; residents' pages have neither."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baogong.common.errors import NotAllowed
from baogong.people import access
from baogong.people.roles import BUILDING_WORKERS, OPERATIONS, Role

R = Role
ELSEWHERE = {R.BUYER, R.SUPPLIER, R.VOLUNTEER}  # whose first page is one of the parts below
# Address, words, who sees it: those whose role includes the operation, less those whose day is elsewhere.
PARTS = [
    ("home:index", gettext_lazy("Today"), frozenset(Role) - ELSEWHERE),
    ("home:order_for", gettext_lazy("Order for others"), OPERATIONS["groupbuy.order_for_others"]),
    ("home:calls", gettext_lazy("Calls"), OPERATIONS["channels.see_call_list"]),
    ("distribution:tasks", gettext_lazy("Tasks"), OPERATIONS["distribution.hand_over"]),
    ("groupbuy:desk_rounds", gettext_lazy("Rounds"), OPERATIONS["groupbuy.see_rounds"] - BUILDING_WORKERS),
    ("supply:suppliers", gettext_lazy("Suppliers"), OPERATIONS["supply.manage_suppliers"]),
    ("supply:purchase_orders", gettext_lazy("Purchase orders"), OPERATIONS["supply.see_purchase_orders"]),
    ("supply:list", gettext_lazy("Supply list"), {R.BUYER, R.OPERATOR, R.COMMAND_POST}),
    ("distribution:plans", gettext_lazy("Plans"), OPERATIONS["distribution.see_plans"] - {R.VOLUNTEER}),
    ("people:buildings", gettext_lazy("Buildings"), OPERATIONS["places.see_building"] - {R.BUYER, R.OPERATOR}),
    ("people:volunteers", gettext_lazy("Volunteers"), OPERATIONS["people.manage_volunteers"] - {R.COMMAND_POST}),
    ("people:staff", gettext_lazy("Staff"), OPERATIONS["people.manage_staff"]),
    ("imports:index", gettext_lazy("Imports"), OPERATIONS["common.see_imports"] | BUILDING_WORKERS | {R.OPERATOR}),
]


def staff_navigation(request: HttpRequest) -> dict[str, Any]:
    """`nav`, `who` and `may_search` for the templates, worked out only by pages that show them."""
    return {
        "may_search": SimpleLazyObject(lambda: access.request_may(request, "people.search")),
        "nav": SimpleLazyObject(lambda: parts_for(request)),
        "who": SimpleLazyObject(lambda: name_and_role(request)),
    }


def parts_for(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """(address, words, whether the reader is there) of each part of the reader's role; none for residents."""
    role = role_of(request)
    if role is None or role == R.RESIDENT:
        return []
    found = [(reverse(name), str(words)) for name, words, roles in PARTS if role in roles]
    here = max((url for url, _words in found if request.path.startswith(url)), key=len, default="")
    return [(url, words, url == here) for url, words in found]


def role_of(request: HttpRequest) -> Role | None:
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return None
    try:
        return Role(access.actor_of(request).role)
    except NotAllowed:
        return None


def name_and_role(request: HttpRequest) -> str:
    """As a link to the page where role, language and password are changed."""
    role = role_of(request)
    if role is None:
        return ""
    text = _("%(name)s, %(role)s") % {"name": request.user, "role": role.label}
    return format_html('<a href="{}">{}</a>', reverse("people:account"), text)
