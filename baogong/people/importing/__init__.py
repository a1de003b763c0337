"""Households, staff and volunteers from spreadsheets, and back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from baogong.common.imports import Column, Kind, applying_each, cells
from baogong.people.importing.households import apply_households, export_households
from baogong.people.importing.staff import export_staff, put_staff
from baogong.people.importing.volunteers import export_volunteers, put_volunteer
from baogong.people.importing.words import DUTIES, MOST_PEOPLE, ROLES, phone, skills

COMPOUND = Column("compound", "小区", cells.label(80), required=False, also=("所属小区",), exported=False)

HOUSEHOLDS = Kind(
    name="households",
    label=_("households"),
    operation="people.import",
    columns=(
        Column("building", "楼栋", cells.label(80), also=("楼栋编码", "楼号", "楼", "编码")),
        COMPOUND,
        Column("unit", "单元", cells.label(20), required=False, also=("单元号",)),
        Column("flat", "房号", cells.label(20), also=("室", "门牌号", "户号", "房间号", "门牌")),
        Column("people", "人数", cells.whole(1, MOST_PEOPLE), also=("人口", "家庭人数", "居住人数")),
        Column("infants", "婴幼儿", cells.whole(0, MOST_PEOPLE), required=False, also=("婴幼儿数", "婴儿")),
        Column("elderly", "老人", cells.whole(0, MOST_PEOPLE), required=False, also=("老人数", "老年人")),
        Column("phone", "电话", phone, required=False, also=("手机", "手机号", "联系电话")),
        Column("no_phone", "无电话", cells.yes_no, required=False, also=("没有电话", "无手机")),
    ),
    apply=apply_households,
    export=export_households,
    identity=lambda row: (row["building"], row.get("compound"), row.get("unit"), row["flat"]),
)

STAFF = Kind(
    name="staff",
    label=_("staff"),
    operation="people.manage_staff",
    columns=(
        Column("name", "姓名", cells.text(60)),
        Column("phone", "电话", phone, also=("手机", "手机号", "联系电话")),
        Column("role", "角色", cells.choice(ROLES), also=("岗位", "职务")),
        Column("area", "负责范围", cells.text(160), also=("范围", "区域", "责任区", "包楼")),
        COMPOUND,
        Column("duty", "包楼职责", cells.choice(DUTIES), also=("职责", "责任")),
        Column("on_duty", "在岗", cells.yes_no, required=False, also=("是否在岗",)),
    ),
    apply=applying_each(put_staff),
    export=export_staff,
    identity=lambda row: (row["phone"], row["role"], row["area"], row.get("compound")),
    together=True,
)

VOLUNTEERS = Kind(
    name="volunteers",
    label=_("volunteers"),
    operation="people.import",
    columns=(
        Column("name", "姓名", cells.text(60)),
        Column("phone", "电话", phone, also=("手机", "手机号", "联系电话")),
        Column("community", "社区", cells.label(60), also=("所属社区", "居委会")),
        Column("group", "小组", cells.text(60), also=("志愿小组", "组别", "队伍", "志愿队")),
        Column("skills", "技能", skills, required=False, also=("特长",)),
        Column("on_duty", "在岗", cells.yes_no, required=False, also=("是否在岗",)),
    ),
    apply=applying_each(put_volunteer),
    export=export_volunteers,
    identity=lambda row: row["phone"],
    together=True,
)

KINDS = (HOUSEHOLDS, STAFF, VOLUNTEERS)
