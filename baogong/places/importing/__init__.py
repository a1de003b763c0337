"""Buildings and their entrances from spreadsheets and GeoJSON, and back."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from baogong.common.imports import Column, Kind, cells
from baogong.places.importing.applying import apply_features, apply_places
from baogong.places.importing.exporting import export_features, export_places
from baogong.places.importing.rows import (
    MOST_FLOORS,
    MOST_HOUSEHOLDS,
    feature_group,
    geometry,
    place_group,
    place_identity,
)
from baogong.places.models import Zone

ZONES = {
    **{zone.value: zone for zone in Zone},
    "封控": Zone.SEALED,
    "封控区": Zone.SEALED,
    "管控": Zone.CONTROLLED,
    "管控区": Zone.CONTROLLED,
    "防范": Zone.PRECAUTIONARY,
    "防范区": Zone.PRECAUTIONARY,
    "开放": Zone.OPEN,
    "开放区": Zone.OPEN,
    "常态": Zone.OPEN,
}


def place_columns(*, required: bool) -> tuple[Column, ...]:
    """In a spreadsheet most columns are required; a feature of a map has defaults for all of them."""
    return (
        Column(
            "code",
            "楼栋编码",
            cells.label(40),
            required=False,
            also=("编码", "楼号编码", "楼栋代码", "楼栋编号", "编号", "代码"),
        ),
        Column("community", "社区", cells.label(60), required, also=("所属社区", "居委会", "社区名称")),
        Column("compound", "小区", cells.label(80), required, also=("所属小区", "院落", "小区名称")),
        Column(
            "building", "楼栋", cells.label(80), required, also=("楼", "楼号", "楼栋名称", "楼名", "楼栋号", "楼栋名")
        ),
        Column("unit", "单元", cells.label(20), required=False, also=("单元号", "门")),
        Column("floors", "层数", cells.whole(1, MOST_FLOORS), required, also=("楼层数", "总层数", "楼层", "总楼层")),
        Column("lift", "电梯", cells.yes_no, required, also=("有无电梯", "有电梯", "是否有电梯")),
        Column(
            "households", "户数", cells.whole(0, MOST_HOUSEHOLDS), required, also=("总户数", "住户数", "住户", "户")
        ),
        Column("longitude", "经度", cells.decimal(-180, 180), required=False, also=("东经",)),
        Column("latitude", "纬度", cells.decimal(-90, 90), required=False, also=("北纬",)),
        Column(
            "zone",
            "防控区",
            cells.choice(ZONES),
            required,
            also=(
                "区域类型",
                "三区",
                "防控分区",
                "管控级别",
                "风险区",
                "分区",
                "管控类型",
                "区域",
                "防控等级",
                "风险等级",
                "管控区域",
            ),
        ),
    )


FEATURES = Kind(
    name="places",
    label=pgettext_lazy("spreadsheet", "places"),
    operation="places.import",
    columns=(
        *place_columns(required=False),
        Column("name", "名称", cells.label(80), required=False),
        Column("height", "高度", cells.decimal(0, 1_000), required=False),
        Column("area", "面积", cells.decimal(0, 5_000_000), required=False),
        Column("osm_id", "osm_id", cells.whole(-(10**17), 10**17), required=False),
        Column("kind_detail", "用途", cells.text(40), required=False),
        Column("households_estimated", "户数为估计", cells.yes_no, required=False),
        Column("geometry", "几何", geometry, required=False),
    ),
    apply=apply_features,
    export=export_features,
    group=feature_group,
    split_groups=True,
)

PLACES = Kind(
    name="places",
    label=pgettext_lazy("spreadsheet", "places"),
    operation="places.import",
    columns=place_columns(required=True),
    apply=apply_places,
    export=export_places,
    identity=place_identity,
    group=place_group,
    split_groups=True,
    geojson=FEATURES,
    features=export_features,
)

KINDS = (PLACES,)
