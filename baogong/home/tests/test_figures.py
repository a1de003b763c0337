"""The page of the figures: an administrator sets one with its source, others read."""

from __future__ import annotations

from itertools import count

import pytest
from django.urls import reverse

from baogong.common.figures import whole
from baogong.common.models import FigureSetting
from baogong.home.tests.stage import signed_in

pytestmark = pytest.mark.usefixtures("noon")
FIGURES = reverse("home:figures")
_keys = count(1)


def send(client, *, key: str = "", **fields: object):
    return client.post(FIGURES, {"idempotency_key": key or f"test-{next(_keys)}", **fields})


def test_an_administrator_sets_a_figure_once_however_often_the_form_is_sent(cast):
    admin = signed_in(cast.admin)
    assert '<option value="turns.desks" selected>' in admin.get(FIGURES + "?name=turns.desks").content.decode()

    answers = [
        send(admin, key="the same", name="turns.desks", value="3", source="街道会议 11-24") for _time in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert FigureSetting.objects.within(cast.subdistrict_id).count() == 1
    page = admin.get(FIGURES).content.decode()
    assert "Desks of a new point: 3 from now on." in page
    assert "街道会议 11-24" in page


def test_thousands_read_as_they_are_written(cast):
    send(signed_in(cast.admin), name="door.carrier_grams", value="60000", source="大推车")

    assert '<td class="n">60000</td>' in signed_in(cast.admin).get(FIGURES).content.decode()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"value": "0"}, "value", "A whole number from 1 to 50 (desks)"),
        ({"value": "many"}, "value", "Enter a number"),
        ({"value": "2.5"}, "value", "A whole number from 1 to 50 (desks)"),
        ({"source": ""}, "source", "still empty"),
        ({"name": "turns.tables"}, "name", "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_the_rest_stays(cast, typed, field, said):
    answer = send(signed_in(cast.admin), **{"name": "turns.desks", "value": "3", "source": "会议", **typed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in page
    assert said in page
    assert 'value="会议"' in page or "source" in typed
    assert not FigureSetting.objects.within(cast.subdistrict_id).exists()


@pytest.mark.parametrize("name", ["buyer", "command_post"])
def test_others_read_and_do_not_set(cast, name):
    reader = signed_in(getattr(cast, name))

    assert "Set a number" not in reader.get(FIGURES).content.decode()
    assert send(reader, name="turns.desks", value="3", source="会议").status_code == 403
    assert whole("turns.desks", cast.subdistrict_id) == 2


@pytest.mark.parametrize("name", ["wang_account", "worker", "volunteer", "operator"])
def test_figures_are_not_for_other_roles(cast, name):
    stranger = signed_in(getattr(cast, name))

    assert stranger.get(FIGURES).status_code == 403
    assert send(stranger, name="turns.desks", value="3", source="会议").status_code == 403


def test_whoever_is_signed_out_is_asked_to_sign_in(cast):
    assert send(signed_in(None), name="turns.desks", value="3", source="会议").status_code == 302
    assert not FigureSetting.objects.within(cast.subdistrict_id).exists()
