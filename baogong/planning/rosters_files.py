"""The JSON of `baogong roster`, both ways."""

from __future__ import annotations

from baogong.planning.rosters.problem import MOST_PERSON_HOURS, Person, Post, RosterPlan, RosterProblem
from baogong.planning.strict import Fields, Refused, items, repeated, said, whole

MOST_NEED = 100_000  # people at one post


def read(value: object) -> RosterProblem:
    """The problem in a parsed file; raises Refused, a ValueError of one line, where it breaks the form."""
    fields = Fields(value, "", known={"hours", "posts", "people"})
    hours = fields.whole("hours", most=MOST_PERSON_HOURS)
    posts = tuple(_post(element, place) for element, place in fields.items("posts"))
    _once("posts", [post.id for post in posts])
    known = {post.id for post in posts}
    people = tuple(_person(element, place, known, hours) for element, place in fields.items("people"))
    _once("people", [person.id for person in people])
    return RosterProblem(hours, posts, people)


def write(plan: RosterPlan) -> dict[str, object]:
    """The plan as it goes to standard output."""
    return {
        "shifts": [
            {"person": shift.person, "post": shift.post, "start": shift.start, "end": shift.end}
            for shift in plan.shifts
        ],
        "gaps": [{"post": gap.post, "start": gap.start, "end": gap.end, "missing": gap.missing} for gap in plan.gaps],
        "proven": plan.proven,
    }


def _once(place: str, names: list[str]) -> None:
    for name in repeated(names):
        raise Refused(f"{place}: {said(name)} comes twice")


def _post(value: object, place: str) -> Post:
    fields = Fields(value, place, known={"id", "need"})
    return Post(fields.text("id"), fields.whole("need", most=MOST_NEED))


def _person(value: object, place: str, known: set[str], hours: int) -> Person:
    fields = Fields(value, place, known={"id", "posts", "max_hours", "min_rest_hours", "unavailable"})
    posts = fields.texts("posts")
    for post in posts:
        if post not in known:
            raise Refused(f"{fields.place('posts')} names an unknown post {said(post)}")
    return Person(
        fields.text("id"),
        tuple(posts),
        fields.whole("max_hours"),
        fields.whole("min_rest_hours"),
        tuple(_hours(element, where, hours) for element, where in fields.items("unavailable", optional=True)),
    )


def _hours(value: object, place: str, hours: int) -> tuple[int, int]:
    """Half-open hours [start, end) within the roster."""
    parts = list(items(value, place))
    if len(parts) != 2:
        raise Refused(f"{place} must be a pair [start, end]")
    start, end = (whole(part, where, most=hours) for part, where in parts)
    if start > end:
        raise Refused(f"{place} must start before it ends: [{start}, {end}]")
    return start, end
