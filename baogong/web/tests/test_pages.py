from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from baogong.web import assets
from baogong.web.errors import PAGES, error_page

BUDGET_BYTES = 14 * 1024


@pytest.fixture
def stranger() -> Client:
    return Client(SERVER_NAME="localhost", raise_request_exception=False)


def policy_of(response) -> dict[str, list[str]]:
    parts = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


def test_a_residents_page_is_one_request_of_at_most_14_kilobytes(stranger):
    html = stranger.get("/order/").content.decode()

    assert html.count('class="step"') == 36
    assert len(gzip.compress(html.encode(), 6)) <= BUDGET_BYTES
    assert not re.search(r'<script[^>]+src=|<link[^>]+stylesheet|<img|@import|url\((?!"data:)', html)


def test_the_inline_script_keeps_within_two_kilobytes():
    assert len(assets.inline_script().encode()) <= assets.SCRIPT_BUDGET_BYTES


@pytest.mark.parametrize(("element", "directive"), [("style", "style-src"), ("script", "script-src")])
@pytest.mark.parametrize("path", ["/order/", "/offline/", "/nowhere/", "/broken/"])
def test_the_policy_allows_exactly_what_is_inlined(stranger, path, element, directive):
    response = stranger.get(path)

    for text in re.findall(rf"<{element}>(.*?)</{element}>", response.content.decode(), re.S):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy_of(response)[directive]


@pytest.mark.parametrize("path", ["/order/", "/components/", "/nowhere/", "/broken/", "/scanner/", "/robots.txt"])
def test_no_page_allows_inline_code_or_frames(stranger, path):
    policy = policy_of(stranger.get(path))

    assert "unsafe-inline" not in str(policy)
    assert "'unsafe-eval'" not in str(policy)
    assert policy["default-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["object-src"] == ["'none'"]
    assert policy["base-uri"] == policy["form-action"] == ["'self'"]
    assert policy["img-src"] == ["'self'", "data:"]
    assert policy["require-trusted-types-for"] == ["'script'"]


def test_a_view_may_widen_its_own_policy_and_no_others(stranger):
    assert "'wasm-unsafe-eval'" in policy_of(stranger.get("/scanner/"))["script-src"]
    assert "'wasm-unsafe-eval'" not in policy_of(stranger.get("/order/"))["script-src"]


def test_the_other_headers_are_there(stranger):
    response = stranger.get("/order/")

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/suspicious/", 400, "没看懂这个请求"),
        ("/denied/", 403, "这个账号看不了这一页"),
        ("/nowhere/", 404, "没有这一页"),
        ("/broken/", 500, "我们这边出了错"),
        ("/trouble/413/", 413, "文件太大"),
        ("/trouble/422/", 422, "每户最多 2 份，您填了 3 份"),
        ("/trouble/429/", 429, "请过 5 分再试"),
        ("/trouble/503/", 503, "现在太忙"),
    ],
)
def test_each_trouble_has_a_page_that_says_what_to_do_next(stranger, path, status, words):
    response = stranger.get(path)
    html = response.content.decode()

    assert response.status_code == status
    assert words in html
    assert 'href="tel:120"' in html
    assert "回到首页" in html


@pytest.mark.parametrize("status", PAGES)
def test_error_pages_speak_english_too(stranger, status):
    stranger.cookies["language"] = "en"

    html = stranger.get(f"/trouble/{status}/").content.decode()

    assert '<html lang="en">' in html
    assert "To the first page" in html


def test_a_rate_limit_says_when_to_come_back(stranger):
    assert stranger.get("/trouble/429/")["Retry-After"] == "300"


def test_a_status_without_a_page_is_an_error(rf):
    with pytest.raises(ValueError, match="no page for status 418"):
        error_page(rf.get("/"), 418)


def test_the_page_of_a_fault_needs_neither_database_nor_request(settings, rf):
    def gone(request=None):
        raise RuntimeError("no database")

    settings.BAOGONG_DEMO = settings.BAOGONG_HOTLINE = gone
    response = Client(SERVER_NAME="localhost", raise_request_exception=False).get("/broken/")

    assert response.status_code == 500
    assert "我们这边出了错" in response.content.decode()


def test_a_form_that_lay_too_long_says_so(settings):
    settings.CSRF_FAILURE_VIEW = "baogong.web.errors.csrf_failure"

    response = Client(SERVER_NAME="localhost", enforce_csrf_checks=True).post("/order/")

    assert response.status_code == 403
    assert "这张表放得太久了" in response.content.decode()


def test_a_switch_of_language_is_kept_and_returns_to_the_page(stranger):
    response = stranger.post("/language/", {"language": "en", "next": "/order/?x=1"})

    assert response["Location"] == "/order/?x=1"
    assert '<html lang="en">' in stranger.get("/order/").content.decode()


def test_a_language_that_nobody_speaks_changes_nothing(stranger):
    response = stranger.post("/language/", {"language": "xx", "next": "/order/"})

    assert "language" not in response.cookies


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_a_switch_never_leads_out_of_the_house(stranger, elsewhere):
    assert stranger.post("/elder/", {"elder": "1", "next": elsewhere})["Location"] == "/"


def test_large_type_goes_on_and_off(stranger):
    stranger.post("/elder/", {"elder": "1"})
    assert '<html lang="zh-Hans" class="elder">' in stranger.get("/order/").content.decode()

    stranger.post("/elder/", {"elder": "0"})
    assert '<html lang="zh-Hans">' in stranger.get("/order/").content.decode()


def test_a_switch_cannot_be_followed_as_a_link(stranger):
    assert stranger.get("/language/").status_code == stranger.get("/elder/").status_code == 405


def test_after_a_posted_form_the_switch_returns_to_the_page_before(stranger):
    html = stranger.post("/exempt/", headers={"referer": "http://localhost/order/?round=7"}).content.decode()
    assert 'name="next" value="/order/?round=7"' in html

    html = stranger.post("/exempt/", headers={"referer": "https://example.org/order/"}).content.decode()
    assert 'name="next" value="/"' in html


def test_a_demonstration_says_so_on_every_page(settings, stranger):
    assert "演示数据" not in stranger.get("/order/").content.decode()

    settings.BAOGONG_DEMO = lambda: True

    for path in ("/order/", "/components/", "/nowhere/"):
        assert "演示数据" in stranger.get(path).content.decode()


@pytest.mark.parametrize(
    ("host", "secure", "warned"),
    [
        ("localhost", False, False),
        ("localhost:8000", False, False),
        ("10.0.0.7", False, True),
        ("10.0.0.7", True, False),
    ],
)
def test_a_page_in_clear_over_the_network_warns(host, secure, warned):
    html = Client().get("/order/", headers={"host": host}, secure=secure).content.decode()

    assert ("连接没有加密" in html) == warned


def test_messages_stand_in_the_page_and_are_escaped(stranger):
    html = stranger.get("/told/").content.decode()

    assert '<p class="note done" role="status">好了</p>' in html
    assert '<p class="note danger" role="status">&lt;b&gt;没成&lt;/b&gt;</p>' in html


def test_the_worker_keeps_the_offline_page_only(stranger):
    response = stranger.get("/worker.js")
    script = response.content.decode()

    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    assert script.count(".add(") == 1
    assert not re.search(r"\.put\(|addAll|clone\(", script)


def test_the_offline_page_is_the_same_for_everybody(stranger):
    plain = stranger.get("/offline/").content
    stranger.cookies.load({"language": "en", "elder": "1"})

    assert stranger.get("/offline/").content == plain
    assert "没有网" in plain.decode()
    assert "No network" in plain.decode()
    assert "csrf" not in plain.decode()


def test_the_manifest_names_an_icon_of_our_own(stranger):
    manifest = json.loads(stranger.get("/manifest.webmanifest").content)

    assert manifest["start_url"] == "/"
    assert manifest["icons"][0]["src"].startswith("/static/web/icon")


def test_search_engines_are_told_to_stay_away(stranger):
    assert stranger.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


def test_security_txt_names_a_contact_and_has_not_run_out(settings, stranger):
    settings.BAOGONG_SECURITY_CONTACT = "mailto:security@example.org"

    lines = dict(
        line.split(": ", 1) for line in stranger.get("/.well-known/security.txt").content.decode().split("\n") if line
    )

    assert lines["Contact"] == "mailto:security@example.org"
    assert timedelta(days=300) < datetime.fromisoformat(lines["Expires"]) - datetime.now(UTC) < timedelta(days=366)


@pytest.mark.parametrize("size", ["phone", "desk", "elder", "nonsense"])
def test_the_components_page_shows_each_component_light_and_dark(stranger, size):
    html = stranger.get(f"/components/?size={size}").content.decode()

    assert html.count('<section class="sheet" data-theme=') == 2
    for mark in (
        "st wait",
        "btn bad",
        "field wrong",
        "step",
        "sum",
        "tabs",
        "note short",
        "empty",
        "way h",
        "slots",
        "tbl",
        "code",
    ):
        assert f'class="{mark}' in html, mark
    ids = re.findall(r' id="([^"]+)"', html)
    assert sorted(set(ids) - {"errors"}) == sorted(i for i in ids if i != "errors")
