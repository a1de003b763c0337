from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from baogong.common.clock import now
from baogong.common.imports import uploads
from baogong.common.imports.files import scratch_folder
from baogong.common.models import Event, ImportRun
from baogong.common.tables import Limits
from baogong.home.tests.stage import signed_in
from baogong.people.models import Household
from baogong.people.tests.cast import make_cast

GOOD = "building,unit,flat,people\n12,1,101,2\n12,1,102,3\n"
INDEX = reverse("imports:index")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """Uploads of a test lie in a folder of its own."""
    settings.BAOGONG_DATA = tmp_path


@pytest.fixture
def admin(cast) -> Client:
    return signed_in(cast.admin)


def send(client, content, *, kind="households", name="list.csv"):
    content = content if isinstance(content, bytes) else content.encode()
    return client.post(INDEX, {"kind": kind, "file": SimpleUploadedFile(name, content)})


def sent(client, content, **more) -> ImportRun:
    """The run of a file that could be read."""
    response = send(client, content, **more)
    assert response.status_code == 303, response.content.decode()
    return ImportRun.objects.get(pk=response["Location"].strip("/").split("/")[-1])


def act(client, run, name, data=None):
    return client.post(reverse(f"imports:{name}", args=[run.pk]), data or {})


def page(client, run) -> str:
    response = client.get(reverse("imports:run", args=[run.pk]))
    assert response.status_code == 200
    return response.content.decode()


def doors(cast):
    return Household.objects.within(cast.subdistrict_id).count()


def files():
    return list(scratch_folder().glob("*")) if scratch_folder().exists() else []


def test_a_file_is_tried_out_shown_and_then_applied(admin, cast):
    before = doors(cast)

    run = sent(admin, GOOD + "12,1,103,-4\n99,,1,1\n")
    shown = page(admin, run)
    nothing_yet = doors(cast)
    applied = act(admin, run, "application")

    assert nothing_yet == before
    assert "4 rows were tried out" in shown
    assert "is not between 1 and 99" in shown
    assert "There is no building" in shown
    assert applied.status_code == 303
    assert doors(cast) == before + 2
    run.refresh_from_db()
    assert (run.state, run.upload, run.report["created"], run.report["refused_rows"]) == ("done", "", 2, 2)
    assert Event.objects.within(cast.subdistrict_id).filter(verb="common.imported", subject_id=run.pk).count() == 1
    assert files() == []


def test_applying_twice_has_one_effect(admin, cast):
    run = sent(admin, GOOD)

    first, second = act(admin, run, "application"), act(admin, run, "application")

    assert [first.status_code, second.status_code] == [303, 303]
    run.refresh_from_db()
    assert run.report["created"] == 2
    assert Event.objects.within(cast.subdistrict_id).filter(verb="common.imported").count() == 1


def test_columns_of_another_name_are_put_right_by_hand(admin, cast):
    run = sent(admin, "Haus,Tür,Leute,Eingang\n12,101,2,1\n")
    shown = page(admin, run)

    mapped = act(
        admin, run, "columns", {"column0": "building", "column1": "flat", "column2": "people", "column3": "unit"}
    )
    act(admin, run, "application")

    assert "Columns are missing: building" in shown
    assert mapped.status_code == 303
    assert Household.objects.within(cast.subdistrict_id).filter(code="12/1/101", people=2).exists()


def test_a_column_that_is_chosen_twice_is_refused(admin):
    run = sent(admin, "Haus,Tür\n12,101\n")

    response = act(admin, run, "columns", {"column0": "building", "column1": "building"})

    assert response.status_code == 422
    assert "chosen twice" in response.content.decode()


def test_a_file_that_was_not_meant_is_removed(admin, cast):
    run = sent(admin, GOOD)
    before = doors(cast)

    act(admin, run, "removal")

    assert not ImportRun.objects.filter(pk=run.pk).exists()
    assert (files(), doors(cast)) == ([], before)


def test_an_upload_that_nobody_applies_is_removed_after_a_day(admin, cast):
    old = sent(admin, GOOD)
    ImportRun.objects.filter(pk=old.pk).update(at=now() - timedelta(hours=25))

    new = sent(admin, GOOD)

    assert list(ImportRun.objects.within(cast.subdistrict_id)) == [new]
    assert not uploads.rows_path(old.upload).exists()
    act(admin, new, "removal")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"building;flat\n1;2\n", "semicolons"),
        (b"%PDF-1.7 nothing here", "no spreadsheet"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old format"),
        (b"PK\x03\x04" + bytes(99), "damaged"),
        ("building,flat\n１,２\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_read_is_explained_and_not_kept(admin, cast, content, words):
    response = send(admin, content)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ImportRun.objects.within(cast.subdistrict_id).exists()
    assert files() == []


def test_fifty_megabytes_are_refused_without_being_kept(admin, cast):
    response = send(admin, b"building,flat\n" + b"12,101\n" * ((50 << 20) // 7))

    assert response.status_code == 422
    assert "more than 20 MB" in response.content.decode()
    assert files() == []


def test_the_limits_of_the_browser_are_not_those_of_the_command(admin, monkeypatch):
    monkeypatch.setattr(uploads, "BROWSER", Limits(size=1 << 20, rows=1, columns=50))

    assert "more than 1 rows" in send(admin, GOOD).content.decode()


def test_a_spreadsheet_from_excel_is_read_with_its_formulas_refused(admin, tmp_path):
    import xlsxwriter

    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["building", "unit", "flat", "people"])
        sheet.write_row(1, 0, ["12", 1, 101, 2])
        sheet.write_row(2, 0, ["12", 1, 102])
        sheet.write_formula(2, 3, "=1+1", None, 2)

    run = sent(admin, path.read_bytes(), name="list.xlsx")

    assert (run.report["created"], [one["code"] for one in run.report["refused"]]) == (1, ["formula"])


def test_places_may_be_a_map(admin):
    collection = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"osm_id":7},'
        '"geometry":{"type":"Point","coordinates":[116.4,39.9]}}]}'
    )

    run = sent(admin, collection, kind="places", name="map.geojson")

    assert run.report["created"] == 1
    assert "GeoJSON can only be read as places" in send(admin, collection, kind="households").content.decode()
    act(admin, run, "removal")


def test_what_a_role_may_import_is_what_it_is_offered(cast):
    buyer, worker = signed_in(cast.buyer), signed_in(cast.worker)

    offered = buyer.get(INDEX).content.decode()

    assert 'value="suppliers"' in offered
    assert 'value="households"' not in offered
    assert send(buyer, GOOD, kind="households").status_code == 422
    assert send(worker, GOOD, kind="households").status_code == 422
    assert not ImportRun.objects.within(cast.subdistrict_id).exists()


def test_residents_and_strangers_import_nothing(cast):
    assert signed_in(cast.wang_account).get(INDEX).status_code == 403
    assert signed_in(cast.wang_account).post(INDEX, {}).status_code == 403
    assert signed_in().get(INDEX).status_code == 302


def test_an_import_of_others_is_not_there_for_those_who_may_not_see_it(admin, cast):
    run = sent(admin, GOOD)
    elsewhere = signed_in(make_cast().admin)

    for client in (signed_in(cast.buyer), signed_in(cast.worker), elsewhere):
        assert client.get(reverse("imports:run", args=[run.pk])).status_code == 404
        assert act(client, run, "application").status_code == 404
    assert signed_in(cast.command_post).get(reverse("imports:run", args=[run.pk])).status_code == 200
    act(admin, run, "removal")


def test_a_form_without_the_token_of_the_page_is_refused(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.admin)

    assert send(client, GOOD).status_code == 403


def test_the_refused_lines_can_be_taken_along(admin):
    run = sent(admin, GOOD + "=1+1,,1,1\n")

    response = admin.get(reverse("imports:refused", args=[run.pk]))

    text = response.content.decode("utf-8-sig")
    assert text.splitlines()[0] == "line,column,code,reason"
    assert text.splitlines()[1].startswith("4,building,unknown_building,")
    act(admin, run, "removal")


def test_an_export_needs_a_reason_and_leaves_it_in_an_event(admin, cast):
    url = reverse("imports:export")

    without = admin.post(url, {"kind": "households", "form": "csv", "reason": ""})
    taken = admin.post(url, {"kind": "households", "form": "csv", "reason": "for the relief from the district"})

    assert without.status_code == 422
    lines = b"".join(taken).decode("utf-8-sig").splitlines()
    assert lines[0] == "building,unit,flat,people,infants,elderly,phone,no_phone"
    assert len(lines) == 1 + doors(cast)
    assert taken["Cache-Control"] == "no-store"
    [event] = Event.objects.within(cast.subdistrict_id).filter(verb="common.exported")
    assert event.values["reason"] == "for the relief from the district"
    assert event.actor_id == cast.admin.pk
    assert files() == []


def test_only_a_role_for_the_whole_subdistrict_exports(cast):
    for account in (cast.worker, cast.operator):
        response = signed_in(account).post(
            reverse("imports:export"), {"kind": "orders", "form": "csv", "reason": "to read at home"}
        )
        assert response.status_code in {403, 422}


def test_the_pages_read_a_constant_number_of_rows(admin, cast, django_assert_max_num_queries):
    for _ in range(3):
        sent(admin, GOOD)

    with django_assert_max_num_queries(15):
        admin.get(INDEX)
    for run in ImportRun.objects.within(cast.subdistrict_id):
        act(admin, run, "removal")
