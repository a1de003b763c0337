"""What the content policy would block must not be written in the first place, in any room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines

import baogong
from baogong.web.assets import squeeze_css, squeeze_js

HOUSE = Path(baogong.__file__).parent
TEMPLATES = sorted(HOUSE.glob("*/templates/**/*.html"))
BLOCKED = {
    "style attribute": re.compile(r"<[^>]*\sstyle=", re.I),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+=", re.I),
    "htmx handler, which needs eval": re.compile(r"\shx-on[:-]|hx-vals=['\"]js:", re.I),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.I),
    "inline style": re.compile(r"<style", re.I),
    "address of another house": re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""", re.I),
}


@pytest.mark.parametrize("what", BLOCKED)
def test_no_template_carries_what_the_policy_blocks(what):
    found = [path.relative_to(HOUSE).as_posix() for path in TEMPLATES if BLOCKED[what].search(path.read_text("utf-8"))]

    assert len(TEMPLATES) > 20
    assert found == []


@pytest.mark.parametrize("name", ["style attribute", "inline handler", "inline script", "address of another house"])
def test_the_rule_would_see_an_offender(name):
    offenders = {
        "style attribute": '<p class="x" style="color:red">',
        "inline handler": '<a href="#" onclick="go()">',
        "inline script": "<script type=module>",
        "address of another house": '<img src="//example.org/x.png">',
    }

    assert BLOCKED[name].search(offenders[name])


@pytest.mark.parametrize("path", sorted((HOUSE / "web" / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_every_template_of_the_web_room_compiles(path):
    engines["django"].get_template(path.relative_to(HOUSE / "web" / "templates").as_posix())


def test_squeezing_keeps_what_is_quoted():
    assert (
        squeeze_css('a { content: "x ;  {y}" ; }  /* gone */\n b > i , u { top: 1px }')
        == 'a{content:"x ;  {y}"}b>i,u{top:1px}'
    )
    assert squeeze_js("// gone\nvar a = 'b ;  c' ;\nif (a) { a += 1 ; }") == "var a='b ;  c';if(a){a+=1}"


def test_squeezing_does_not_join_two_plus_signs():
    assert squeeze_js("a = b + +c;") == "a=b + +c;"
    assert squeeze_js("a = b + c;") == "a=b+c;"


def test_squeezing_keeps_the_spaces_that_calc_needs():
    assert (
        squeeze_css("a { padding: calc(var(--tap)/2 - .8rem) 1.1rem; }")
        == "a{padding:calc(var(--tap)/2 - .8rem) 1.1rem}"
    )
