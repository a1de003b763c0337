"""Finds the system's Chromium, drives it, and says aloud which tests could not run without it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL = "sudo apt-get install chromium fonts-noto-cjk"
MISSING = "no Chromium on this machine"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1366, "height": 900}}


def find_chromium() -> str | None:
    """The path in CHROMIUM, else the first browser of NAMES on the PATH."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def needed() -> bool:
    """Whether a missing Chromium is a failure and not a skip: in CI."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless browser for the whole run."""
    path = find_chromium()
    if path is None:
        (pytest.fail if needed() else pytest.skip)(f"{MISSING}: {INSTALL}")
    # Playwright keeps an event loop in this thread, for which Django would refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`open_page("phone" or "desk", javascript=True, language="zh-CN", **context)` gives the page of one more person.

    Paths are relative to the live server; nothing else can be reached, and the attempt fails the test, as does an
    error of a script or a breach of the content security policy.
    """
    pages: list[Page] = []
    troubles: list[str] = []

    def open_one(size: str = "phone", *, javascript: bool = True, language: str = "zh-CN", **context: Any) -> Page:
        person = chromium.new_context(
            base_url=live_server.url,
            viewport=SIZES[size],  # type: ignore[arg-type]
            has_touch=size == "phone",
            locale=language,
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            service_workers=context.pop("service_workers", "block"),
            **context,
        )
        person.set_default_timeout(10_000)
        person.route(lambda url: is_foreign(url, live_server.url), lambda route: refuse(route, troubles))
        page = person.new_page()
        watch(page, troubles)
        pages.append(page)
        return page

    yield open_one
    for number, page in enumerate(pages):
        keep_picture(page, request, f"{number}-end")
        page.context.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def snap(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """`snap(page, "basket")` keeps a picture of the whole page where `--screenshots` names a folder; else nothing."""
    return lambda page, name: keep_picture(page, request, name)


@pytest.fixture
def accessibility_faults() -> Callable[..., list[str]]:
    """`accessibility_faults(page)` lists what axe-core finds against WCAG 2.2 AA, one line a fault."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def faults(page: Page) -> list[str]:
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]})
        return [f"{item['id']}: {item['help']} ({item['nodes'][0]['html']})" for item in found.response["violations"]]

    return faults


def is_foreign(url: str, server: str) -> bool:
    return urlsplit(url).scheme in {"http", "https", "ws", "wss"} and urlsplit(url).netloc != urlsplit(server).netloc


def refuse(route: Route, troubles: list[str]) -> None:
    troubles.append(f"the page asked for {route.request.url}, which is outside")
    route.abort()


def watch(page: Page, troubles: list[str]) -> None:
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on("console", lambda line: troubles.extend([line.text] if "Content Security Policy" in line.text else []))


def keep_picture(page: Page, request: pytest.FixtureRequest, name: str) -> None:
    folder = request.config.getoption("screenshots")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        test = re.sub(r"[^\w-]+", "-", request.node.name).strip("-")
        page.screenshot(path=str(Path(folder) / f"{test}-{name}.png"), full_page=True)


def skipped_for_want_of_chromium(reports: list[Any]) -> int:
    return sum(MISSING in str(report.longrepr) for report in reports)
