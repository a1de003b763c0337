"""The one table of who may do what: role x operation x area. Access functions and navigation both read it.

An operation is named `context.verb_noun`. The area of a grant says over which rows: the account's own household, a
building, a compound, a community, a supplier, or the whole subdistrict.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RESIDENT = "resident", _("resident")
    SOCIAL_WORKER = "social_worker", _("building social worker")
    GRID_WORKER = "grid_worker", _("grid worker")
    BUYER = "buyer", _("supply task force")
    SUPPLIER = "supplier", _("supplier")
    CARRIER = "carrier", _("carrier")
    GUARD = "guard", _("gate guard")
    VOLUNTEER = "volunteer", _("volunteer")
    CARE_WORKER = "care_worker", _("care worker")
    OPERATOR = "operator", _("hotline operator")
    COMMAND_POST = "command_post", _("command post")
    ADMIN = "admin", _("administrator")


class Area(models.TextChoices):
    HOUSEHOLD = "household", _("household")
    BUILDING = "building", _("building")
    COMPOUND = "compound", _("compound")
    COMMUNITY = "community", _("community")
    SUPPLIER = "supplier", _("supplier")
    SUBDISTRICT = "subdistrict", _("subdistrict")


R = Role
BUILDING_WORKERS = {R.SOCIAL_WORKER, R.GRID_WORKER}
OFFICE = {R.BUYER, R.OPERATOR, R.COMMAND_POST, R.ADMIN}
STAFF = frozenset(set(Role) - {R.RESIDENT, R.SUPPLIER, R.CARRIER})
# Roles that sign in with a password and a second factor, never with a code by SMS.
STRONG = frozenset({R.GUARD, R.CARE_WORKER, R.ADMIN, R.COMMAND_POST, R.BUYER, R.OPERATOR})

A = Area
# Over which areas a role may be given.
AREAS: dict[Role, set[Area]] = {
    R.RESIDENT: {A.HOUSEHOLD},
    R.SUPPLIER: {A.SUPPLIER},
    R.CARRIER: {A.SUBDISTRICT},
    R.GUARD: {A.COMPOUND, A.COMMUNITY, A.SUBDISTRICT},
    R.VOLUNTEER: {A.BUILDING, A.COMPOUND, A.COMMUNITY, A.SUBDISTRICT},
    **{role: {A.BUILDING, A.COMPOUND, A.COMMUNITY, A.SUBDISTRICT} for role in [*BUILDING_WORKERS, R.CARE_WORKER]},
    R.OPERATOR: {A.COMMUNITY, A.SUBDISTRICT},
    **{role: {A.SUBDISTRICT} for role in (R.BUYER, R.COMMAND_POST, R.ADMIN)},
}

OPERATIONS: dict[str, set[Role]] = {
    "places.import": {R.ADMIN, R.COMMAND_POST},
    "places.manage_points": {R.BUYER, R.COMMAND_POST, R.ADMIN},
    "places.see_building": BUILDING_WORKERS | OFFICE | {R.CARE_WORKER},
    "people.import": {R.ADMIN, R.COMMAND_POST},
    "people.manage_staff": {R.ADMIN},
    "people.manage_volunteers": BUILDING_WORKERS | {R.COMMAND_POST, R.ADMIN},
    "people.manage_duties": {R.COMMAND_POST, R.ADMIN},
    "people.manage_own_household": {R.RESIDENT},
    "people.see_household": BUILDING_WORKERS | OFFICE | {R.CARE_WORKER},
    "people.change_household": BUILDING_WORKERS | {R.COMMAND_POST, R.ADMIN},
    "people.print_letters": BUILDING_WORKERS | {R.ADMIN},
    "people.print_poster": BUILDING_WORKERS | {R.ADMIN, R.COMMAND_POST},
    "people.search": BUILDING_WORKERS | OFFICE | {R.CARE_WORKER},
    "supply.manage_suppliers": {R.BUYER, R.ADMIN},
    "supply.publish_list": {R.BUYER},
    "supply.see_purchase_orders": {R.BUYER, R.SUPPLIER, R.COMMAND_POST},
    "supply.receive_goods": {R.BUYER},
    "groupbuy.manage_rounds": {R.BUYER},
    "groupbuy.see_rounds": {R.BUYER, R.OPERATOR, R.COMMAND_POST} | BUILDING_WORKERS,
    "groupbuy.order": {R.RESIDENT},
    "groupbuy.order_for_others": BUILDING_WORKERS | {R.OPERATOR},
    "groupbuy.import_orders": BUILDING_WORKERS | {R.BUYER, R.OPERATOR},
    "groupbuy.record_payment": BUILDING_WORKERS | {R.BUYER},
    "groupbuy.settle": {R.BUYER},
    "distribution.allocate": {R.BUYER},
    "distribution.plan": {R.BUYER},
    "distribution.publish": {R.BUYER, R.COMMAND_POST},
    "distribution.see_plans": {R.BUYER, R.OPERATOR, R.COMMAND_POST, R.VOLUNTEER} | BUILDING_WORKERS,
    "distribution.hand_over": {R.VOLUNTEER} | BUILDING_WORKERS,
    "distribution.print": {R.BUYER, R.COMMAND_POST} | BUILDING_WORKERS,
    "channels.see_call_list": BUILDING_WORKERS | {R.OPERATOR},
    "common.see_imports": {R.ADMIN, R.COMMAND_POST, R.BUYER},
    "common.see_figures": {R.ADMIN, R.COMMAND_POST, R.BUYER},
    "common.set_figures": {R.ADMIN},
    "common.check_laws": {R.ADMIN, R.COMMAND_POST},
}


def may(role: str, operation: str) -> bool:
    """Whether a role includes an operation. Raises KeyError for an operation that is not in the table."""
    return role in OPERATIONS[operation]
