"""The public page of a building, and the entry that leads strangers to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from baogong.groupbuy.tests.rounds import open_round_of
from baogong.home.tests.stage import TURN_AT, make_plan, make_turn, signed_in
from baogong.people.tests.cast import NOON, make_building, make_compound, make_subdistrict
from baogong.places.queries import POSTER_SUBDISTRICT, poster_link
from baogong.supply.models import SupplyList, SupplyListItem
from baogong.supply.tests.market import make_offer

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def stranger():
    return signed_in()


def text_of(client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200
    return page.content.decode()


def publish(cast, *offers) -> None:
    newest = SupplyList.objects.create(subdistrict_id=cast.subdistrict_id, number=1)
    for position, offer in enumerate(offers):
        SupplyListItem.objects.create(
            subdistrict_id=cast.subdistrict_id,
            supply_list=newest,
            offer=offer,
            name=offer.name,
            spec=offer.spec,
            unit=offer.unit,
            price_fen=offer.price_fen,
            supplier_name=offer.supplier.name,
            position=position,
        )


# ---------------------------------------------------------------- the page


def test_anybody_reads_plate_round_and_prices(cast, stranger, buy):
    text = text_of(stranger, "/b/12")

    assert "<h1>Controlled zone</h1>" in text
    assert "第3轮" in text
    assert "大米" in text
    assert "¥20.00" in text
    assert "1000 left" in text


def test_hotline_and_120_stand_on_it(cast, stranger):
    text = text_of(stranger, "/b/12")

    assert 'href="tel:120"' in text
    assert 'href="tel:010-64370000"' in text


def test_it_says_how_to_sign_in(cast, stranger):
    text = text_of(stranger, "/b/12")

    assert reverse("people:sign_in") in text
    assert reverse("people:claim") in text


def test_turns_of_today_stand_there_by_building(cast, stranger, gate):
    plan = make_plan(cast)
    make_turn(plan, gate, cast.building)
    make_turn(plan, gate, cast.sealed, TURN_AT + timedelta(minutes=10))

    text = text_of(stranger, "/b/12")

    assert "14:20–14:30" in text
    assert '<td class="me" aria-current="true">20<b>12号</b></td><td>30<b>3号</b></td>' in text


def test_tomorrows_turns_and_drafts_are_not_there(cast, stranger, gate):
    make_turn(make_plan(cast), gate, cast.building, TURN_AT + timedelta(days=1))
    make_turn(make_plan(cast, state="draft"), gate, cast.building)

    assert "Nothing is fetched at a point today." in text_of(stranger, "/b/12")


def test_what_is_published_and_in_no_round_stands_below(cast, stranger, buy, rice, jkl):
    noodles = make_offer(jkl, "noodles", "挂面")
    publish(cast, rice, noodles)

    text = text_of(stranger, "/b/12")

    assert text.count("大米") == 1
    assert "挂面" in text


def test_nothing_personal_is_on_it(cast, stranger, buy):
    text = text_of(stranger, "/b/12")

    for private in ("502", "王伟", "13800000001"):
        assert private not in text


# ---------------------------------------------------------------- the poster's link


def test_with_the_posters_secret_the_session_knows_the_building(cast, stranger):
    make_subdistrict("别的街道")

    page = stranger.get(poster_link(cast.building))

    assert page.status_code == 200
    assert stranger.session[POSTER_SUBDISTRICT] == str(cast.subdistrict_id)
    assert "Turns and supply list of this building" in text_of(stranger, "/")


def test_a_wrong_secret_is_remembered_by_nobody_and_shows_the_public_page(cast, stranger):
    page = stranger.get("/b/12?k=NOTTHESECRET0")

    assert page.status_code == 200
    assert not stranger.session.keys()


def test_in_an_installation_of_several_subdistricts_a_code_alone_says_nothing(cast, stranger):
    make_subdistrict("别的街道")

    assert stranger.get("/b/12").status_code == 404


# ---------------------------------------------------------------- typed codes


@pytest.mark.parametrize("typed", ["g1o-2", "G10-2", "g 10 2", "GIO2"])
def test_capitals_gaps_and_look_alikes_do_not_matter(cast, stranger, typed):
    make_building(cast.compound, "G10-2")

    found = stranger.get("/b/", {"code": typed})

    assert (found.status_code, found["Location"]) == (303, "/b/G10-2")


def test_the_buildings_name_will_do(cast, stranger):
    assert stranger.get("/b/", {"code": "12号楼"})["Location"] == "/b/12"


def test_an_address_typed_in_small_letters_leads_to_the_real_one(cast, stranger):
    make_building(cast.compound, "G10-2")

    assert stranger.get("/b/g10-2")["Location"] == "/b/G10-2"


def test_of_several_with_one_name_the_reader_chooses(cast, stranger):
    other = make_compound(cast.community, "松榆西里")
    make_building(other, "W12")
    other.buildings.update(name="12号楼")

    text = text_of(stranger, "/b/?code=12号楼")

    assert "Several buildings are called “12号楼”" in text
    assert "松榆东里 12号楼" in text
    assert "松榆西里 12号楼" in text


def test_an_unknown_code_is_said_and_stays_in_the_field(cast, stranger):
    for url in ("/b/?code=99x", "/b/99x"):
        page = stranger.get(url)

        assert page.status_code == 404
        assert "There is no building “99x” here." in page.content.decode()
        assert 'value="99x"' in page.content.decode()


def test_a_code_with_a_slash_has_a_page(cast, stranger):
    building = make_building(cast.compound, "A/1")

    assert stranger.get(poster_link(building)).status_code == 200
    assert stranger.get(reverse("home:poster", args=["A/1"])).status_code == 200


# ---------------------------------------------------------------- the entry


def test_a_stranger_is_asked_for_the_building_and_told_whom_to_ring(cast, stranger):
    text = text_of(stranger, "/")

    assert "Scan the code on the poster" in text
    assert reverse("people:sign_in") in text
    assert 'href="tel:120"' in text
    assert "010 6437 0000" in text
    assert "中文" in text


def test_an_empty_code_leads_back(cast, stranger):
    assert stranger.get("/b/?code=")["Location"] == "/"


# ---------------------------------------------------------------- weight


def test_the_number_of_queries_does_not_grow(cast, stranger, gate, jkl, django_assert_max_num_queries, settings):
    settings.BAOGONG_DEMO = None  # its answer is kept for some seconds

    def look(count: int) -> int:
        plan = make_plan(cast)
        for number in range(count):
            building = make_building(cast.compound, f"{count}0{number}")
            make_turn(plan, gate, building, NOON + timedelta(hours=count, minutes=10 * number))
        open_round_of(cast, *(make_offer(jkl, f"s{count}-{n}", f"货{n}") for n in range(count)))
        publish_more(cast, jkl, count)
        with django_assert_max_num_queries(20) as queries:
            text_of(stranger, "/b/12")
        return len(queries)

    look(1)
    assert look(6) == look(2)


def publish_more(cast, jkl, count: int) -> None:
    number = SupplyList.objects.within(cast.subdistrict_id).count() + 1
    newest = SupplyList.objects.create(subdistrict_id=cast.subdistrict_id, number=number)
    for position in range(count):
        offer = make_offer(jkl, f"l{count}-{position}", f"单{position}")
        SupplyListItem.objects.create(
            subdistrict_id=cast.subdistrict_id,
            supply_list=newest,
            offer=offer,
            name=offer.name,
            spec=offer.spec,
            unit=offer.unit,
            price_fen=1,
            supplier_name="京客隆",
            position=position,
        )
