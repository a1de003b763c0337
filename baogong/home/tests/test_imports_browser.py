"""An administrator imports a list in a real browser: tried out, looked at, columns put right, applied."""

from __future__ import annotations

import pytest
from django.test import Client

from baogong.people.models import Household
from baogong.people.tests.cast import make_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ODD = "楼栋,单元,门,住几个人\n12,1,101,2\n12,1,102,3\n99,,1,1\n12,2,103,-1\n"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """Uploads of a test lie in a folder of its own."""
    settings.BAOGONG_DATA = tmp_path


@pytest.fixture
def cast(transactional_db):
    return make_cast()


@pytest.fixture
def desk(open_page, cast, live_server):
    """The administrator at a desk, signed in."""
    page = open_page("desk")
    client = Client()
    client.force_login(cast.admin)
    page.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    return page


def test_a_list_with_strange_columns_is_put_right_and_imported(desk, cast, snap, accessibility_faults):
    before = Household.objects.within(cast.subdistrict_id).count()
    desk.goto("/imports/")
    snap(desk, "index")
    assert accessibility_faults(desk) == []

    desk.get_by_label("表格里是什么").select_option("households")
    desk.get_by_label("文件", exact=True).set_input_files(
        {"name": "名单.csv", "mimeType": "text/csv", "buffer": ODD.encode("gb18030")}
    )
    desk.get_by_role("button", name="先试一遍").click()
    desk.get_by_text("这个文件现在还不能导入").wait_for()
    snap(desk, "columns")
    assert accessibility_faults(desk) == []

    desk.get_by_label("门", exact=True).select_option("flat")
    desk.get_by_label("住几个人").select_option("people")
    desk.get_by_role("button", name="按这些列再试一遍").click()
    desk.get_by_text("试了 4 行").wait_for()
    snap(desk, "preview")
    assert desk.get_by_text("没有“99”这栋楼").is_visible()
    assert Household.objects.within(cast.subdistrict_id).count() == before

    desk.get_by_role("button", name="导入 2 行").click()
    desk.get_by_text("名单.csv 已导入").wait_for()
    snap(desk, "done")
    assert accessibility_faults(desk) == []
    assert Household.objects.within(cast.subdistrict_id).count() == before + 2
