"""The desks on the command line: a round from its opening to its settlement, lists, plans, points, figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import translation

from baogong.cli import main
from baogong.common.figures import whole
from baogong.common.models import Event
from baogong.distribution import services as distribution
from baogong.distribution.models import Plan
from baogong.groupbuy import services
from baogong.groupbuy.models import Round
from baogong.groupbuy.tests.rounds import draft_of, order
from baogong.people.tests.cast import NOON, Cast, make_cast, make_point
from baogong.supply.models import Offer, SupplyList
from baogong.supply.services import Received, receive_goods
from baogong.supply.tests.market import make_offer, make_supplier

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock, translation.override("en"):
        yield clock


@pytest.fixture
def cast(db) -> Cast:
    cast = make_cast()
    make_point(cast.compound, "东门")
    return cast


@pytest.fixture
def rice(cast) -> Offer:
    return make_offer(make_supplier(cast.subdistrict_id), "rice", "大米", price_fen=2_000, grams=5_000)


@pytest.fixture
def draft(cast, rice) -> Round:
    draft = draft_of([rice], opens_at=NOON + timedelta(minutes=5))
    return services.create_round(draft, actor=cast.actor(cast.buyer), now=NOON)


@pytest.fixture
def baogong(capsys):
    """`baogong("round", "R1124-01", "open")` gives exit status, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        try:
            status = main(list(words))
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        return status, *capsys.readouterr()

    return run


def state_of(buy: Round) -> str:
    return Round.objects.get(pk=buy.pk).state


def refused(done: tuple[int, str, str], said: str) -> bool:
    """Status 2 and one line on stderr that says why."""
    status, out, err = done
    return status == 2 and out == "" and said in err and len(err.strip().splitlines()) == 1


def test_a_round_goes_from_its_opening_to_its_settlement(cast, baogong, draft, noon):
    assert baogong("round", draft.code, "open") == (0, "The round is open; households can order.\n", "")
    wang = order(draft, cast.wang, rice=2)
    li = order(draft, cast.li, rice=1)
    assert f"{draft.code}  第3轮: open for orders, cut-off today 16:00, households 2, ¥60.00" in baogong("rounds")[1]
    assert baogong("round", draft.code.lower(), "close")[1] == "Closed; 1 purchase order is raised.\n"

    noon.move_to(NOON + DAY - timedelta(hours=3))
    services.record_payment(wang.pk, 4_000, "transfer", reference="T1", actor=cast.system, now=NOON)
    [purchase] = services.raise_purchase_orders(draft.pk, actor=cast.system, now=NOON)
    came = [Received(line.pk, 2) for line in purchase.lines.all()]
    receipt = receive_goods(purchase.pk, came, actor=cast.system, now=NOON)
    distribution.allocate(receipt.pk, actor=cast.system, now=NOON)
    planned = baogong("plan", draft.code, "--day", "2022-11-25", "--publish")
    assert planned[0] == 0, planned
    assert "households 2, turns 1" in planned[1]
    plan = Plan.objects.within(cast.subdistrict_id).get()
    assert plan.state == Plan.State.PUBLISHED
    for delivery in plan.deliveries.all():
        distribution.hand_over(delivery.pk, how="flat", actor=cast.system, now=NOON + DAY)

    assert refused(baogong("round", draft.code, "settle"), "Money is still open")
    assert baogong("round", draft.code, "refund", "--way", "cash")[1] == "¥20.00 paid back for 1 order.\n"
    assert baogong("round", draft.code, "pay-suppliers", "--supplier", "JKL")[1] == "¥40.00 paid to 1 supplier.\n"
    assert "¥20.00 of 1 order" in baogong("round", draft.code, "write-off", "--reason", "搬走了")[1]
    assert baogong("round", draft.code, "settle")[0] == 0
    assert state_of(draft) == Round.State.SETTLED
    assert li.household_id == cast.li.pk


def test_what_is_done_on_the_command_line_is_done_by_the_system(cast, baogong, draft):
    baogong("round", draft.code, "open")

    event = Event.objects.within(cast.subdistrict_id).get(verb="groupbuy.round_open")
    assert (event.actor_id, event.role) == (None, "system")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["round", "R9999-01", "open"], "There is no round “R9999-01”"),
        (["round", "{code}", "fly"], "invalid choice"),
        (["round", "{code}", "close"], "cannot become"),
        (["round", "{code}", "write-off"], "Say with --reason"),
        (["round", "{code}", "pay-suppliers", "--supplier", "nobody"], "There is no supplier “nobody”"),
        (["round", "{code}", "refund", "--way", "gold"], "invalid choice"),
        (["plan", "{code}", "--day", "soon"], "“soon” is no day"),
        (["plan", "{code}", "--day", "2022-11-20"], "over"),
        (["plan", "R9999-01", "--day", "2022-11-25"], "There is no round “R9999-01”"),
        (["plan", "{code}"], "--day"),
        (["points", "set", "松榆东里", "北门"], "has no point “北门”"),
        (["points", "set", "松榆东里", "东门", "--opens", "early"], "no time of day"),
        (["points", "set", "松榆东里", "东门", "--place", "here"], "no place"),
        (["points", "set", "松榆东里", "东门", "--desks", "0"], "1 to 50 desks"),
        (["points", "set", "松榆东里", "东门", "--close", "消杀", "--open"], "one of --close and --open"),
        (["points"], "required"),
        (["figures", "set", "turns.desks", "many", "measured"], "“many” is no number"),
        (["figures", "set", "turns.desks", "99", "measured"], "A whole number from 1 to 50"),
        (["figures", "set", "turns.tables", "9", "measured"], "There is no figure called"),
    ],
)
def test_a_refusal_is_one_line_and_changes_nothing(cast, baogong, draft, words, said):
    before = Event.objects.within(cast.subdistrict_id).count()

    done = baogong(*(word.format(code=draft.code) for word in words))

    assert refused(done, said), done
    assert Event.objects.within(cast.subdistrict_id).count() == before


def test_the_list_is_published_whole_or_without_what_is_incomplete(cast, baogong, rice):
    assert baogong("publish-list", "--note", "早上好")[1] == "Supply list no. 1 is published; things on it: 1.\n"
    make_offer(rice.supplier, "eggs", "鸡蛋", origin="")

    assert refused(baogong("publish-list"), "鸡蛋 cannot be published yet")
    assert baogong("publish-list", "--complete-only")[0] == 0
    assert SupplyList.objects.within(cast.subdistrict_id).count() == 2


def test_points_are_listed_changed_closed_and_opened(cast, baogong):
    assert "松榆东里  东门: distribution point, 07:00 to 19:00, desks 2, people 20" in baogong("points", "list")[1]

    changed = baogong("points", "set", "松榆东里", "东门", "--desks", "3", "--opens", "08:30")
    closed = baogong("points", "set", "松榆东里", "东门", "--close", "消杀")
    opened = baogong("points", "set", "松榆东里", "东门", "--open")

    assert "08:30 to 19:00, desks 3" in changed[1]
    assert closed[1].endswith("closed: 消杀\n")
    assert "closed" not in opened[1]


def test_figures_are_listed_and_set(cast, baogong):
    assert "turns.desks  2 desks" in baogong("figures", "list")[1]

    assert baogong("figures", "set", "turns.desks", "3", "街道会议")[1] == "Desks of a new point: 3 from now on.\n"
    assert whole("turns.desks", cast.subdistrict_id) == 3
