"""The tool that keeps the Chinese catalogues: what it finds, keeps, drops and complains of."""

import pytest

from tools import messages


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An invented house of one app; returns a function that writes a file of it."""
    monkeypatch.setattr(messages, "HOUSE", tmp_path / "baogong")

    def put(path, text):
        file = tmp_path / "baogong" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    put("shop/__init__.py", "")
    put("shop/apps.py", "")
    return put


def translate(house, app="shop", **translations):
    """Fills in translations by msgid, with spaces for underscores."""
    po = house(f"{app}/locale/zh_Hans/LC_MESSAGES/django.po", "")
    blocks = [f'msgid "{msgid.replace("_", " ")}"\nmsgstr "{text}"\n' for msgid, text in translations.items()]
    po.write_text(messages.HEADER + "\n".join(blocks), "utf-8")
    return po


def test_finds_the_texts_of_code_with_plural_and_context():
    source = '_("Rice")\nngettext("%(n)d bag", "%(n)d bags", n)\npgettext("zone", "open")\nlog("not this")\n'
    found = set(messages.python_messages(source))
    assert found == {("", ("Rice",)), ("", ("%(n)d bag", "%(n)d bags")), ("zone", ("open",))}


def test_finds_the_texts_of_templates_wherever_they_stand():
    source = """{% load i18n %}<p title="{% translate 'It is late' %}">他's
        {% blocktranslate trimmed with name=x.name %}
            Hello,
            {{ name }}
        {% endblocktranslate %}
      {% blocktranslate count n=n %}one{% plural %}{{ n }} many{% endblocktranslate %}
    {{ value|default:_("nothing") }} {# _("no") #} {% translate "open" context "zone" %}</p>"""
    found = set(messages.template_messages(source, "page.html"))
    assert found == {
        ("", ("It is late",)),
        ("", ("Hello, %(name)s",)),
        ("", ("one", "%(n)s many")),
        ("", ("nothing",)),
        ("zone", ("open",)),
    }


def test_keeps_translations_and_drops_what_is_no_longer_used(house):
    house("shop/views.py", '_("Rice")\n_("Eggs")\n')
    po = translate(house, Rice="米", Oil="油")
    messages.main(["shop"])
    text = po.read_text("utf-8")
    assert 'msgid "Rice"\nmsgstr "米"' in text
    assert 'msgid "Eggs"\nmsgstr ""' in text
    assert "Oil" not in text


def test_writing_again_changes_nothing(house):
    house("shop/views.py", '_("Rice")\n_("%(n)d bags")\n')
    po = translate(house, Rice="米")
    messages.main([])
    first = po.read_text("utf-8")
    messages.main([])
    assert po.read_text("utf-8") == first


def test_a_text_without_translation_fails_the_check_by_name(house, capsys):
    house("shop/templates/shop/page.html", '{% load i18n %}{% translate "Rice" %}')
    assert messages.main(["--check"]) == 1
    assert "shop: 'Rice': no translation (baogong/shop/templates/shop/page.html)" in capsys.readouterr().out


def test_a_placeholder_lost_in_translation_fails_the_check(house, capsys):
    house("shop/views.py", '_("%(name)s is late")\n')
    house("shop/locale/zh_Hans/LC_MESSAGES/django.po", messages.HEADER + 'msgid "%(name)s is late"\nmsgstr "迟到了"\n')
    assert messages.main(["--check"]) == 1
    assert "placeholders differ" in capsys.readouterr().out


def test_a_complete_catalogue_passes_the_check(house):
    house("shop/views.py", '_("Rice")\n')
    translate(house, Rice="米")
    assert messages.main(["--check"]) == 0


def test_one_text_translated_in_two_ways_fails_the_check(house, capsys):
    for app, text in {"shop": "打开", "gate": "放开"}.items():
        house(f"{app}/__init__.py", '_("open")\n')
        house(f"{app}/apps.py", "")
        translate(house, app, open=text)
    assert messages.main(["--check"]) == 1
    assert "'open': translated in several ways: 放开 in gate; 打开 in shop" in capsys.readouterr().out


def test_a_compiled_catalogue_is_what_gettext_reads(house):
    from gettext import GNUTranslations

    po = translate(house, Rice="米")
    messages.main(["--compile"])
    with po.with_suffix(".mo").open("rb") as file:
        assert GNUTranslations(file).gettext("Rice") == "米"


def test_an_unknown_app_is_bad_usage(house, capsys):
    assert messages.main(["nothere"]) == 2
    assert "no app nothere" in capsys.readouterr().err


def test_a_folder_that_is_no_app_must_stand_in_the_locale_paths(house, capsys):
    house("gate/__init__.py", '_("open")\n')
    translate(house, "gate", open="放开")
    assert messages.main(["--check"]) == 1
    assert "only if LOCALE_PATHS has" in capsys.readouterr().out
    house("config/settings.py", 'LOCALE_PATHS = [\n    PACKAGE / "gate" / "locale",\n]\n')
    assert messages.main(["--check"]) == 0
