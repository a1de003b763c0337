"""Households, staff and volunteers from spreadsheets, and back."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from baogong.common.imports import Column, Kind, applying_each, cells
from baogong.people.importing.households import apply_households, export_households
from baogong.people.importing.staff import export_staff, put_staff
from baogong.people.importing.volunteers import export_volunteers, put_volunteer
from baogong.people.importing.words import DUTIES, MOST_PEOPLE, ROLES, phone, skills

PHONE_HEADERS = ("手机", "手机号", "联系电话", "电话号码", "手机号码", "联系方式")
COMPOUND = Column("compound", "小区", cells.label(80), required=False, also=("所属小区",), exported=False)

HOUSEHOLDS = Kind(
    name="households",
    label=pgettext_lazy("spreadsheet", "households"),
    operation="people.import",
    columns=(
        Column(
            "building",
            "楼栋",
            cells.label(80),
            also=("楼栋编码", "楼号", "楼", "编码", "楼栋编号", "楼栋名称", "楼名", "楼栋号"),
        ),
        COMPOUND,
        Column("unit", "单元", cells.label(20), required=False, also=("单元号",)),
        Column(
            "flat",
            "房号",
            cells.label(20),
            also=("室", "门牌号", "户号", "房间号", "门牌", "户", "房间", "室号", "户室"),
        ),
        Column(
            "people", "人数", cells.whole(1, MOST_PEOPLE), also=("人口", "家庭人数", "居住人数", "家庭人口", "住户人数")
        ),
        Column(
            "infants", "婴幼儿", cells.whole(0, MOST_PEOPLE), required=False, also=("婴幼儿数", "婴儿", "婴幼儿人数")
        ),
        Column(
            "elderly",
            "老人",
            cells.whole(0, MOST_PEOPLE),
            required=False,
            also=("老人数", "老年人", "老人人数", "高龄"),
        ),
        Column("phone", "电话", phone, required=False, also=PHONE_HEADERS),
        Column("no_phone", "无电话", cells.yes_no, required=False, also=("没有电话", "无手机", "无电话户")),
    ),
    apply=apply_households,
    export=export_households,
    identity=lambda row: (row["building"], row.get("compound"), row.get("unit"), row["flat"]),
)

STAFF = Kind(
    name="staff",
    label=pgettext_lazy("spreadsheet", "staff"),
    operation="people.manage_staff",
    columns=(
        Column("name", "姓名", cells.text(60), also=("名字",)),
        Column("phone", "电话", phone, also=PHONE_HEADERS),
        Column("role", "角色", cells.choice(ROLES), also=("岗位", "职务", "身份", "工作角色")),
        Column(
            "area", "负责范围", cells.text(160), also=("范围", "区域", "责任区", "包楼", "负责区域", "片区", "管辖范围")
        ),
        COMPOUND,
        Column("duty", "包楼职责", cells.choice(DUTIES), also=("职责", "责任", "分工", "值守", "责任类型")),
        Column("on_duty", "在岗", cells.yes_no, required=False, also=("是否在岗", "值班", "在班", "是否值班")),
    ),
    apply=applying_each(put_staff),
    export=export_staff,
    identity=lambda row: (row["phone"], row["role"], row["area"], row.get("compound")),
    together=True,
)

VOLUNTEERS = Kind(
    name="volunteers",
    label=pgettext_lazy("spreadsheet", "volunteers"),
    operation="people.import",
    columns=(
        Column("name", "姓名", cells.text(60)),
        Column("phone", "电话", phone, also=PHONE_HEADERS),
        Column("community", "社区", cells.label(60), also=("所属社区", "居委会")),
        Column(
            "group",
            "小组",
            cells.text(60),
            also=("志愿小组", "组别", "队伍", "志愿队", "组", "志愿者小组", "所属小组", "志愿组"),
        ),
        Column("skills", "技能", skills, required=False, also=("特长",)),
        Column("on_duty", "在岗", cells.yes_no, required=False, also=("是否在岗", "值班", "在班", "是否值班")),
    ),
    apply=applying_each(put_volunteer),
    export=export_volunteers,
    identity=lambda row: row["phone"],
    together=True,
)

KINDS = (HOUSEHOLDS, STAFF, VOLUNTEERS)
