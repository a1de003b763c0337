from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError, engines
from django.test import RequestFactory
from django.utils import translation

from baogong.web.forms import Form
from baogong.web.parts import STATES, Cell, HourRow, Step

EVIL = """<script>alert("x")</script>'"""


@pytest.fixture(autouse=True)
def chinese():
    with translation.override("zh-hans"):
        yield


def render(source: str, path: str = "/list/?q=米&page=2", **context: object) -> str:
    template = engines["django"].from_string("{% load i18n parts %}" + source)
    return template.render(context, RequestFactory().get(path))


def ids_and_references(html: str) -> tuple[list[str], list[str]]:
    """The ids in a piece of HTML, and those that labels and descriptions point to."""
    ids, references = [], []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = {name: value or "" for name, value in attrs}
            ids.extend([given["id"]] if "id" in given else [])
            references.extend(f"{given.get('for', '')} {given.get('aria-describedby', '')}".split())

    Reader().feed(html)
    return ids, references


class OrderForm(Form):
    phone = forms.CharField(label="手机号", help_text="只用来通知取货")
    bags = forms.IntegerField(label="大米，几份", max_value=2)
    way = forms.ChoiceField(
        label="怎么拿到", choices=[("gate", "到东门取"), ("door", "送上门")], widget=forms.RadioSelect
    )
    unit = forms.ChoiceField(label="单元", choices=[("1", "1单元")])
    merge = forms.BooleanField(label="可以合并", required=False, help_text="和隔壁楼")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    "source",
    [
        "{% plate evil over=evil under=evil number=evil unit=evil label=evil %}",
        '{% state "done" evil %}',
        '{% note "short" %}{{ evil }}{% endnote %}',
        "{% card evil %}{{ evil }}{% endcard %}",
        "{% table evil %}{{ evil }}{% endtable %}",
        "{% nothing evil evil evil evil %}",
        "{% bar 1 2 label=evil %}",
        "{% code evil %}",
        "{% figures pairs %}",
        "{% row evil evil evil evil %}",
        "{% tabs triples evil %}",
        "{% button evil name=evil value=evil why=evil formaction=evil %}",
        "{% link_button evil evil %}",
        "{% call_button evil evil %}",
        "{% post_button evil evil confirm=evil name=evil value=evil %}",
        "{% enter_button evil name=evil value=evil %}",
        "{% stepper evil 1 label=evil %}",
        "{% sum_bar 1 100 note=evil label=evil name=evil value=evil why=evil %}",
        "{% toast evil undo=evil label=evil %}",
        "{% errors texts %}",
        "{{ evil|tel }}",
        "{% way steps %}",
        "{% slots hours evil %}",
    ],
)
def test_no_component_lets_markup_through(source):
    html = render(
        source,
        evil=EVIL,
        pairs=[(EVIL, EVIL)],
        triples=[(EVIL, EVIL, True)],
        texts=[EVIL],
        steps=[Step("done", EVIL, EVIL, EVIL)],
        hours=[HourRow(13, [Cell(0, EVIL)])],
    )

    assert "<script>" not in html
    assert 'alert("' not in html
    assert "&lt;script" in html or source == "{{ evil|tel }}" or "{% code" in source


def test_a_plate_speaks_its_label_and_shows_its_unit():
    html = render('{% plate "管控区" over="桂园新村\\n2单元" number=12 unit="号楼" label="楼" %}')

    assert "<h1>管控区</h1>" in html
    assert "桂园新村<br>2单元" in html
    assert '<span class="vh">楼 </span>12<small>号楼</small>' in html


def test_a_plate_without_a_number_has_no_empty_place_for_it():
    assert 'class="no' not in render('{% plate "今天" %}')
    assert ">0<" in render('{% plate "今天" number=0 %}')


@pytest.mark.parametrize("kind", STATES)
def test_each_state_has_its_own_class(kind):
    assert render("{% state kind word %}", kind=kind, word="好了") == f'<span class="st {kind}">好了</span>'


def test_a_state_that_nobody_drew_is_an_error():
    with pytest.raises(TemplateSyntaxError, match="unknown kind 'green'"):
        render('{% state "green" "好了" %}')


def test_a_disabled_button_says_why():
    assert (
        render('{% button "下单" why="16:00 已截止" %}') == '<button class="btn" disabled>下单（16:00 已截止）</button>'
    )


def test_a_button_keeps_only_what_it_is_given():
    assert render('{% button "退掉" name="go" value="0" kind="bad" wide=True %}') == (
        '<button class="btn bad wide" name="go" value="0">退掉</button>'
    )


def test_a_kind_of_button_that_does_not_exist_is_an_error():
    with pytest.raises(TemplateSyntaxError, match="unknown kind of button"):
        render('{% button "下单" kind="green" %}')


@pytest.mark.parametrize(
    ("tag", "width"),
    [
        ("{% bar 150 minimum=150 %}", 60),
        ("{% bar 75 minimum=150 %}", 30),
        ("{% bar 900 minimum=150 %}", 100),
        ("{% bar 4 9 %}", 44.4),
        ("{% bar 4 0 %}", 0),
        ("{% bar -4 9 %}", 0),
    ],
)
def test_a_bar_stays_within_its_frame_and_its_minimum_in_one_place(tag, width):
    html = render(tag)

    assert f'<rect width="{width:g}"' in html
    assert ("M60-2v10" in html) == ("minimum" in tag)


def test_the_timetable_shows_hours_minutes_and_the_readers_own_slot():
    rows = [HourRow(14, [Cell(0, "2号", "past"), Cell(20, "12号", "me"), Cell(50)])]

    html = render('{% slots rows "东门" %}', rows=rows)

    assert '<th scope="row">14</th>' in html
    assert '<td class="past">00<b>2号</b></td>' in html
    assert '<td class="me" aria-current="true">20<b>12号</b></td>' in html
    assert "<td>50<b>—</b></td>" in html


def test_the_timetable_takes_plain_tuples_too():
    assert "<b>2号</b>" in render('{% slots rows "东门" %}', rows=[(14, [(0, "2号")])])


def test_the_way_takes_dicts_and_steps():
    steps = [Step("done", "已下单", "昨天 15:12"), {"state": "go", "title": "在路上", "when": "11:06"}]

    html = render("{% way steps %}", steps=steps)

    assert '<li class="done"><b>已下单</b>' in html
    assert '<li class="go"><b>在路上</b>' in html


def test_a_code_is_read_digit_by_digit():
    assert 'aria-label="4 7 2 9"' in render('{% code "4729" %}')


def test_a_pager_keeps_the_search():
    html = render("{% pager page_obj %}", page_obj=Paginator(range(100), 10).page(2))

    assert "第 2 页，共 10 页" in html
    assert re.findall(r'href="\?q=%E7%B1%B3&amp;page=(\d)"', html) == ["1", "3"]


def test_a_list_of_one_page_has_no_pager():
    assert render("{% pager page_obj %}", page_obj=Paginator(range(5), 10).page(1)).strip() == ""


def test_every_key_is_a_new_one():
    keys = {key for _ in range(3) for key in re.findall(r'value="([^"]+)"', render("{% once_key %}"))}

    assert len(keys) == 3


def test_a_stepper_posts_its_name_without_script():
    html = render('{% stepper "rice" 1 max=2 label="大米" price_fen=3280 %}')

    assert '<button name="minus" value="rice" aria-label="大米：减一份">' in html
    assert 'name="rice" min="0" max="2" value="1"' in html
    assert 'data-fen="3280"' in html


def test_the_sum_bar_shows_the_total_and_what_the_script_needs():
    html = render('{% sum_bar 3 10830 fee_fen=300 note="16:00 前能改" %}')

    assert '<div class="sum" data-fee="300">' in html
    assert "<span data-k>3</span> 样，合计" in html
    assert "data-t>¥108.30</b>" in html
    assert "含配送费 ¥3.00 · 16:00 前能改" in html


def test_every_label_hint_and_error_points_to_something():
    form = OrderForm({"phone": "", "bags": "3", "merge": "on"})

    ids, references = ids_and_references(render("{% errors form %}{{ form }}", form=form))

    assert len(ids) == len(set(ids))
    assert references
    assert set(references) <= set(ids)


def test_the_error_summary_leads_to_each_field_and_to_a_person():
    form = OrderForm({"phone": "", "bags": "3", "unit": "1", "way": ""})

    html = render("{% errors form %}", form=form, helper={"name": "周一帆", "phone": "13800004126"})

    assert "有 3 处要改" in html
    assert '<a href="#id_phone">手机号</a>：还没填“手机号”，请填上' in html
    assert '<a href="#id_way_0">怎么拿到</a>：还没选“怎么拿到”，请选一个' in html
    assert '打电话给周一帆： <a class="nw" href="tel:13800004126">138 0000 4126</a>' in html


def test_without_a_named_person_the_summary_gives_the_hotline():
    assert 'href="tel:65550120"' in render("{% errors texts %}", texts=["每户最多 2 份，您填了 3 份"])


def test_the_summary_comes_once_however_the_form_is_shown():
    data = {"phone": ""}

    assert render("{{ form }}", form=OrderForm(data)).count('id="errors"') == 1
    assert render("{% errors form %}{{ form }}", form=OrderForm(data)).count('id="errors"') == 1


def test_a_form_without_faults_has_no_summary():
    assert 'id="errors"' not in render("{% errors form %}{{ form }}", form=OrderForm())


def test_a_refusal_of_the_whole_form_stands_in_the_summary():
    form = OrderForm({"phone": "1", "bags": "1", "unit": "1", "way": "gate"})
    form.add_error(None, "第 7 轮 16:00 已截止")

    assert "<li>第 7 轮 16:00 已截止</li>" in render("{{ form }}", form=form)


def test_typed_values_stay():
    html = render("{{ form }}", form=OrderForm({"phone": "138", "bags": "3", "way": "door"}))

    assert 'value="138"' in html
    assert re.search(r'<input type="radio" name="way" value="door"[^>]* checked', html)


def test_a_single_field_can_be_shown():
    html = render("{% field form.phone %}", form=OrderForm())

    assert '<label for="id_phone">手机号</label>' in html
    assert 'aria-describedby="id_phone_helptext"' in html
    assert "required" not in html


def test_own_words_for_a_missing_value_are_kept():
    class Own(Form):
        flat = forms.CharField(label="室", error_messages={"required": "请写门牌，如 502"})

    assert Own({}).errors["flat"] == ["请写门牌，如 502"]


def test_a_button_that_asks_first_posts_only_from_inside():
    html = render('{% post_button "退掉" "/orders/1/cancellation/" kind="bad" confirm="今晚前退回" %}')

    assert html.index("<details>") < html.index("今晚前退回") < html.index('<form method="post"')
    assert 'name="idempotency_key"' in html
