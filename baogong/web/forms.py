"""Forms that look right by default: label above, hint, error, then the input, tied together for screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.forms.utils import pretty_name
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.template.backends.base import _EngineTemplate

OWN_WIDGETS = {
    "django/forms/widgets/radio.html": "web/forms/picks.html",
    "django/forms/widgets/checkbox_select.html": "web/forms/picks.html",
}


class PartsRenderer(DjangoTemplates):
    """Named by FORM_RENDERER: renders every form and field of the house with the components."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"

    def get_template(self, template_name: str) -> _EngineTemplate:
        return super().get_template(OWN_WIDGETS.get(template_name, template_name))


class PlainWordsMixin:
    """Names the field that was left empty, on the page: a browser's own bubble vanishes and cannot be enlarged."""

    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.error_messages.get("required") is forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _left_empty(field, name)


def _left_empty(field: forms.Field, name: str) -> str:
    label = field.label or pretty_name(name)
    if isinstance(field, forms.ChoiceField):
        return _("Nothing is chosen for “%(label)s” yet. Please choose.") % {"label": label}
    return _("“%(label)s” is still empty. Please fill it in.") % {"label": label}


class Form(PlainWordsMixin, forms.Form):
    pass


class ModelForm(PlainWordsMixin, forms.ModelForm):
    pass
