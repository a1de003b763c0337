"""Cells that only people have: telephone numbers, roles, duties, skills."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from baogong.common import crypto
from baogong.common.errors import BadInput
from baogong.common.imports import BadCell
from baogong.people.models import Duty, Person
from baogong.people.phones import national, normal_phone
from baogong.people.roles import Role

MOST_PEOPLE = 99  # of a household, as services.check_counts has it
MOST_SKILLS = 20

ROLES: dict[str, Role] = {
    "social_worker": Role.SOCIAL_WORKER,
    "grid_worker": Role.GRID_WORKER,
    "buyer": Role.BUYER,
    "carrier": Role.CARRIER,
    "guard": Role.GUARD,
    "volunteer": Role.VOLUNTEER,
    "care_worker": Role.CARE_WORKER,
    "operator": Role.OPERATOR,
    "command_post": Role.COMMAND_POST,
    "admin": Role.ADMIN,
    "包楼社工": Role.SOCIAL_WORKER,
    "社工": Role.SOCIAL_WORKER,
    "网格员": Role.GRID_WORKER,
    "采购专班": Role.BUYER,
    "专班": Role.BUYER,
    "物资保障专班": Role.BUYER,
    "物资专班": Role.BUYER,
    "采购员": Role.BUYER,
    "承运人": Role.CARRIER,
    "运输单位": Role.CARRIER,
    "照护员": Role.CARE_WORKER,
    "卡口": Role.GUARD,
    "卡口值守": Role.GUARD,
    "门岗": Role.GUARD,
    "志愿者": Role.VOLUNTEER,
    "护理员": Role.CARE_WORKER,
    "医护": Role.CARE_WORKER,
    "照护人员": Role.CARE_WORKER,
    "接线员": Role.OPERATOR,
    "热线接线员": Role.OPERATOR,
    "热线员": Role.OPERATOR,
    "指挥部": Role.COMMAND_POST,
    "管理员": Role.ADMIN,
}

DUTIES: dict[str, str] = {
    "responsible": Duty.Kind.RESPONSIBLE,
    "deputy": Duty.Kind.DEPUTY,
    "none": "",
    "责任人": Duty.Kind.RESPONSIBLE,
    "负责人": Duty.Kind.RESPONSIBLE,
    "主责": Duty.Kind.RESPONSIBLE,
    "副责任人": Duty.Kind.DEPUTY,
    "副手": Duty.Kind.DEPUTY,
    "代理人": Duty.Kind.DEPUTY,
    "无": "",
}


def phone(cell: str) -> str:
    """A telephone number in its normal form. The refusal does not repeat it: reports are kept."""
    try:
        return normal_phone(re.sub(r"\.0+$", "", cell))
    except BadInput as wrong:
        raise BadCell("not_a_phone", _("is not a telephone number")) from wrong


def skills(cell: str) -> list[str]:
    """Words with any of 、 , ; / | or a line break between them."""
    found = [word.strip() for word in re.split(r"[、,，;；/|\n]", cell) if word.strip()]
    if len(found) > MOST_SKILLS or any(len(word) > 40 for word in found):
        raise BadCell("too_long", _("more than %(most)d skills, or one of over 40 characters") % {"most": MOST_SKILLS})
    return list(dict.fromkeys(found))


def phone_out(person: Person | None) -> str | None:
    """The number as people here write it; None without one, and after it was erased."""
    try:
        return (person and national(person.phone)) or None
    except crypto.Unreadable:
        return None
