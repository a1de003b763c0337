"""The components in a real browser: what fits, what a screen reader finds, what the little script saves."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = {"old phone": 320, "phone": 390, "desk": 1280}
OVERFLOWING = """() => [...document.querySelectorAll('main *')].filter(e => {
  for (let p = e.parentElement; p; p = p.parentElement)
    if (p !== document.documentElement && getComputedStyle(p).overflowX !== 'visible') return false
  return e.getBoundingClientRect().right > innerWidth + 1
}).map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture(autouse=True)
def own_pages(settings):
    """The web room's own pages; the rest of the house stays out of the picture."""
    settings.ROOT_URLCONF = "baogong.web.tests.urls"
    processors = ["django.template.context_processors.request", "baogong.web.context.page"]
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"OPTIONS": {"context_processors": processors}}]
    settings.BAOGONG_DEMO = None
    settings.BAOGONG_HOTLINE = lambda request: "65550120"


@pytest.fixture
def order(open_page):
    """A resident's order page; `order.posts` are the forms that it sent."""

    def open_order(**options):
        page = open_page("phone", **options)
        page.posts = []
        page.on(
            "request", lambda sent: page.posts.append(parse_qs(sent.post_data or "")) if sent.method == "POST" else None
        )
        page.goto("/order/")
        return page

    return open_order


def never_answer(page) -> None:
    """A network that takes the form and stays silent; `window.sent` counts the forms that got as far."""
    page.evaluate(
        "window.sent = 0; addEventListener('submit', e => { sent += !e.defaultPrevented; e.preventDefault() })"
    )


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_every_component_fits_its_page(open_page, snap, width, language):
    page = open_page("desk", language=language)
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.set_viewport_size({"width": width, "height": 844})

    for size in ("phone", "desk", "elder"):
        page.goto(f"/components/?size={size}")
        snap(page, size)

        assert page.evaluate(OVERFLOWING) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("html").get_attribute("lang") == ("en" if language == "en-US" else "zh-Hans")
        assert errors == []


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("path", ["/components/?size=desk", "/order/", "/offline/"])
def test_a_screen_reader_finds_its_way(open_page, accessibility_faults, path, language):
    page = open_page("desk" if "desk" in path else "phone", language=language)

    page.goto(path)

    assert accessibility_faults(page) == []


@pytest.mark.parametrize("path", ["/components/?size=desk", "/order/"])
def test_dark_pages_keep_their_contrast(open_page, accessibility_faults, path):
    page = open_page("desk", color_scheme="dark")

    page.goto(path)

    assert accessibility_faults(page) == []


def test_targets_are_large_enough_for_fingers(order):
    page = order()

    heights = page.locator("button:not(.vh), .btn, .top a").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().height)"
    )

    assert min(heights) >= 44
    assert page.locator(".sum .btn").bounding_box()["height"] >= 48


def test_plus_and_minus_count_without_a_reload(order):
    page = order()
    row = page.locator(".offer").first
    plus, minus, count = row.locator("[name=plus]"), row.locator("[name=minus]"), row.locator("input")

    plus.click()
    plus.click()
    plus.click()

    assert count.input_value() == "2"
    assert "on" in row.get_attribute("class").split()
    assert page.locator("[data-k]").inner_text() == "1"
    assert page.locator("[data-t]").inner_text() == "¥17.62"

    for _ in range(3):
        minus.click()

    assert count.input_value() == "0"
    assert "on" not in row.get_attribute("class").split()
    assert page.locator("[data-t]").inner_text() == "¥0.00"
    assert page.posts == []


def test_a_large_sum_is_grouped_as_the_server_groups_it(order):
    page = order()

    for row in page.locator(".offer").all():
        row.locator("input").fill("2")

    assert page.locator("[data-t]").inner_text() == "¥9,739.92"


def test_the_button_says_that_it_is_sending_and_sends_once(order):
    page = order()
    never_answer(page)
    button = page.locator(".sum .btn")

    button.click()
    button.click(force=True)

    assert button.inner_text() == "正在下单，请别关"
    assert button.get_attribute("aria-disabled") == "true"
    assert page.evaluate("sent") == 1


def test_after_eight_seconds_it_says_that_the_network_is_slow(open_page):
    page = open_page("phone")
    page.clock.install()
    page.goto("/order/")
    never_answer(page)

    page.locator(".sum .btn").click()
    assert page.locator(".note.short").count() == 0
    page.clock.fast_forward(8_100)

    assert page.get_by_role("status").inner_text() == "网慢，还在试。您的单不会重复"


def test_without_a_network_nothing_is_sent_and_nothing_is_lost(order):
    page = order()
    page.locator("[name=plus]").first.click()
    page.context.set_offline(True)

    page.locator(".sum .btn").click()

    assert page.get_by_role("status").inner_text() == "没有网。已选的都留着，有网再按一次"
    assert page.locator(".sum .btn").inner_text() == "下单"
    assert page.locator("[name='sku-0001']").input_value() == "1"
    assert page.posts == []

    page.context.set_offline(False)
    page.locator(".sum .btn").click()
    page.wait_for_load_state()

    assert page.posts[0]["sku-0001"] == ["1"]


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_orders_and_does_not_take_one_away(order, javascript):
    page = order(javascript=javascript)
    page.locator("[name='sku-0001']").fill("2")

    page.locator("[name='sku-0001']").press("Enter")
    page.wait_for_load_state()

    assert page.posts[0]["sku-0001"] == ["2"]
    assert page.posts[0]["go"] == ["1"]
    assert "minus" not in page.posts[0]


def test_without_script_plus_posts_what_is_to_grow_and_all_the_rest(order):
    page = order(javascript=False)
    page.locator("[name='sku-0002']").fill("1")

    page.locator("[name=plus]").first.click()

    assert page.posts[0]["plus"] == ["sku-0001"]
    assert page.posts[0]["sku-0002"] == ["1"]


def test_the_switches_work_without_script(order):
    page = order(javascript=False)

    page.get_by_role("button", name="大字").click()
    assert page.locator("html").get_attribute("class") == "elder"
    page.get_by_role("button", name="English").click()

    assert page.url.endswith("/order/")
    assert page.get_by_role("button", name="Normal type").is_visible()
    assert page.locator(".sum .btn").inner_text() == "Order now"


def test_a_desk_gets_refusals_into_its_place(open_page):
    page = open_page("desk")
    page.goto("/desk/")

    page.get_by_role("button", name="核价").click()

    assert page.locator("#answer .note.late").inner_text() == "每户最多 2 份"


def test_the_worker_shows_the_offline_page_and_keeps_nothing_else(open_page):
    page = open_page("phone", service_workers="allow")
    page.goto("/order/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()

    kept = page.evaluate(
        "caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(store => store.keys()))))"
        ".then(all => all.flat().map(request => new URL(request.url).pathname))"
    )

    assert page.evaluate("!!navigator.serviceWorker.controller")
    assert kept == ["/offline/"]
