"""How many storeys and households a building on a map probably has, where nobody has counted."""

from __future__ import annotations

from typing import NamedTuple

STOREY_M = 3.0  # GB 50096: storeys of dwellings are 2.8 to 3.0 m
LIFT_FROM_FLOORS = 7  # GB 50096: dwellings of seven storeys or more have a lift
M2_A_HOUSEHOLD = 96.0  # census of 2020: 36.52 m2 of floor a person in cities, 2.62 people a household
FLOORS_UNKNOWN = 6  # the usual height of housing without a lift
FLOORS_OF_HOUSE = 2
DWELLINGS = {
    "apartments", "residential", "house", "detached", "semidetached_house", "terrace", "dormitory", "bungalow",
    "static_caravan", "住宅", "宿舍", "公寓",
}  # fmt: skip
HOUSES = {"house", "detached", "semidetached_house", "terrace", "bungalow", "static_caravan"}
UNKNOWN = {"", "yes"}
# Where a map does not say what a building is: nobody must be missed, so one of a dwelling's size counts as one,
# unless its name says otherwise.
DWELLING_M2 = (40.0, 3_000.0)
PUBLIC_NAMES = (
    "广场", "廣場", "大厦", "大廈", "中心", "酒店", "宾馆", "医院", "学校", "小学", "中学", "大学", "学院", "教学",
    "图书馆", "体育", "食堂", "餐厅", "银行", "商场", "超市", "市场", "车站", "地铁站", "派出所", "法院", "政府",
    "办公", "实验", "车库", "厂", "仓库", "影院", "剧院", "博物馆", "展览", "教堂", "寺",
    "station", "school", "hospital", "hotel", "mall", "plaza", "office", "library",
)  # fmt: skip


class Estimate(NamedTuple):
    floors: int
    lift: bool
    households: int


def estimated(kind: str, name: str, area_m2: float | None, height_m: float | None, floors: int | None) -> Estimate:
    """From the footprint in m2 and the height in m, or the storeys where they are known."""
    storeys = floors or storeys_of(kind, height_m)
    households = 0
    if is_dwelling(kind, name, area_m2):
        households = max(1, round((area_m2 or 0.0) * storeys / M2_A_HOUSEHOLD))
    return Estimate(storeys, storeys >= LIFT_FROM_FLOORS, households)


def storeys_of(kind: str, height_m: float | None) -> int:
    if height_m:
        return max(1, min(200, round(height_m / STOREY_M)))
    return FLOORS_OF_HOUSE if kind in HOUSES else FLOORS_UNKNOWN


def is_dwelling(kind: str, name: str, area_m2: float | None) -> bool:
    if kind.lower() not in UNKNOWN:
        return kind.lower() in DWELLINGS
    least, most = DWELLING_M2
    return least <= (area_m2 or 0.0) <= most and not any(word in name.lower() for word in PUBLIC_NAMES)
