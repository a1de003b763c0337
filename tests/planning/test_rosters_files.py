import json

import pytest

from baogong.cli.planners import roster
from baogong.planning.rosters import Gap, Person, Post, RosterPlan, RosterProblem, Shift
from baogong.planning.rosters_files import read, write

W1 = {"id": "w1", "posts": ["hotline"], "max_hours": 12, "min_rest_hours": 8, "unavailable": [[0, 8]]}
FILE = {"hours": 72, "posts": [{"id": "hotline", "need": 2}], "people": [W1]}


def test_a_file_becomes_a_problem():
    people = (Person("w1", ("hotline",), 12, 8, ((0, 8),)),)

    assert read(FILE) == RosterProblem(72, (Post("hotline", 2),), people)


def test_a_plan_becomes_a_file():
    plan = RosterPlan((Shift("w1", "hotline", 8, 16),), (Gap("hotline", 3, 5, 1),), bound=1)

    assert write(plan) == {
        "shifts": [{"person": "w1", "post": "hotline", "start": 8, "end": 16}],
        "gaps": [{"post": "hotline", "start": 3, "end": 5, "missing": 1}],
        "proven": False,
    }


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"hours": None}, "hours must be a whole number"),
        ({"hours": 7.5}, "hours must be a whole number"),
        ({"hours": True}, "hours must be a whole number"),
        ({"hours": -1}, "hours must lie between"),
        ({"hours": 400_000, "people": [W1, W1 | {"id": "w2"}]}, "person-hours"),
        ({"zones": []}, "unknown key 'zones'"),
        ({"posts": {}}, "posts must be a list"),
        ({"posts": [{"id": "hotline"}]}, "posts[0].need is missing"),
        ({"posts": [{"id": "hotline", "need": -1}]}, "posts[0].need must lie between"),
        ({"posts": [{"id": "hotline", "need": 1, "from": 3}]}, "posts[0] has an unknown key 'from'"),
        ({"posts": [{"id": "hotline", "need": 1}] * 2}, "posts: 'hotline' comes twice"),
        ({"people": [W1, W1]}, "people: 'w1' comes twice"),
        ({"people": [W1 | {"id": 7}]}, "people[0].id must be a text"),
        ({"people": [W1 | {"posts": ["roof"]}]}, "people[0].posts names an unknown post 'roof'"),
        ({"people": [W1 | {"posts": ["hotline", "hotline"]}]}, "people[0].posts: 'hotline' comes twice"),
        ({"people": [W1 | {"max_hours": "12"}]}, "people[0].max_hours must be a whole number"),
        ({"people": [W1 | {"unavailable": [[8, 0]]}]}, "people[0].unavailable[0] must start before it ends"),
        ({"people": [W1 | {"unavailable": [[0, 73]]}]}, "people[0].unavailable[0][1] must lie between 0 and 72"),
        ({"people": [W1 | {"unavailable": [[0]]}]}, "people[0].unavailable[0] must be a pair"),
        ({"people": [W1 | {"unavailable": [3]}]}, "people[0].unavailable[0] must be a list"),
    ],
)
def test_a_file_that_breaks_the_form_is_refused_with_its_place(changes, complaint):
    with pytest.raises(ValueError) as refusal:
        read(FILE | changes)

    assert complaint in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_command_plans_a_file_and_succeeds_also_with_gaps(tmp_path, capsys):
    file = tmp_path / "roster.json"
    file.write_text(json.dumps(FILE | {"hours": 12, "seed": 3}))

    status = roster([str(file)])

    result = json.loads(capsys.readouterr().out)
    assert status == 0
    assert result == {
        "shifts": [{"person": "w1", "post": "hotline", "start": 8, "end": 12}],
        "gaps": [
            {"post": "hotline", "start": 0, "end": 8, "missing": 2},
            {"post": "hotline", "start": 8, "end": 12, "missing": 1},
        ],
        "proven": True,
    }


def test_the_command_refuses_a_bad_file_in_one_line(tmp_path, capsys):
    file = tmp_path / "roster.json"
    file.write_text(json.dumps(FILE | {"people": [W1, W1]}))

    status = roster([str(file)])

    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert said.err == "baogong roster: people: 'w1' comes twice\n"
