"""What people type on this room's pages. Rules stand in the services; a form only reads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from baogong.common.errors import BadInput
from baogong.people.models import Duty
from baogong.people.phones import normal_phone
from baogong.people.roles import Area, Role
from baogong.web.forms import Form


class PhoneField(forms.CharField):
    """A telephone number, cleaned to its normal form."""

    widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **{"label": _("Phone number"), **kwargs})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return normal_phone(text) if text else ""
        except BadInput as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


def code_input(**attrs: str) -> forms.TextInput:
    return forms.TextInput(
        attrs={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false", **attrs}
    )


# ---------------------------------------------------------------- signing in


class PhoneForm(Form):
    phone = PhoneField(help_text=_("We send a code of six digits to it."))


class PhoneCodeForm(Form):
    code = forms.CharField(label=_("Code"), max_length=20, widget=code_input(inputmode="numeric"))


class PasswordForm(Form):
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "off"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class SecondFactorForm(Form):
    code = forms.CharField(
        label=_("Code from your authenticator app"), max_length=20, widget=code_input(inputmode="numeric")
    )


def new_password_field(label: Any, **kwargs: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, max_length=200, strip=False, widget=widget, **kwargs)


class NewPasswordForm(Form):
    password = new_password_field(
        _("New password"),
        help_text=_("15 characters or more. Four or five words that do not belong together are good."),
    )
    again = new_password_field(_("The same once more"))

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("password") != self.cleaned_data.get("again") and "again" in self.cleaned_data:
            self.add_error("again", _("The two are not the same. Please type both again."))
        return self.cleaned_data


class ChangePasswordForm(NewPasswordForm):
    current = forms.CharField(
        label=_("Password as it is now"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["current", "password", "again"]


class ClaimForm(Form):
    code = forms.CharField(
        label=_("Code from the letter, or from the invitation"),
        max_length=40,
        help_text=_("Eight letters and digits. Capitals or not, with gaps or without: all is right."),
        widget=code_input(autocomplete="off"),
    )
    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class MemberClaimForm(ClaimForm):
    """For somebody who is signed in: the name is known."""

    name = None  # type: ignore[assignment]


# ---------------------------------------------------------------- households and buildings


class CountsForm(Form):
    people = forms.IntegerField(label=_("People"), min_value=1, max_value=99)
    infants = forms.IntegerField(label=_("Infants among them"), min_value=0, max_value=99)
    elderly = forms.IntegerField(label=_("Elderly among them"), min_value=0, max_value=99)


class DoorForm(Form):
    building = forms.CharField(label=_("Building"), max_length=40, help_text=_("its code"))
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False, help_text=_("empty where there is none"))
    flat = forms.CharField(label=_("Flat"), max_length=20)
    floor = forms.IntegerField(label=_("Floor"), min_value=-5, max_value=200, required=False)


class SplitForm(DoorForm):
    members = forms.MultipleChoiceField(
        label=_("Who goes"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Their sign-ins go with them."),
    )
    people = forms.IntegerField(label=_("How many people go"), min_value=1, max_value=99)
    infants = forms.IntegerField(label=_("Infants among them"), min_value=0, max_value=99, initial=0)
    elderly = forms.IntegerField(label=_("Elderly among them"), min_value=0, max_value=99, initial=0)
    field_order = ["members", "people", "infants", "elderly", "building", "unit", "flat", "floor"]


class MergeForm(Form):
    into = forms.CharField(
        label=_("Into which household"), max_length=120, help_text=_("building/unit/flat, for example 12/2/502")
    )


class DutyForm(Form):
    kind = forms.ChoiceField(label=_("Duty"), choices=Duty.Kind.choices)
    account = forms.ChoiceField(label=_("Who"))


# ---------------------------------------------------------------- staff


class StaffForm(Form):
    """A new member of staff. Residents claim their household; a supplier's sign-in belongs to the supplier."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    phone = PhoneField(required=False)
    username = forms.CharField(
        label=_("User name"), max_length=60, required=False, help_text=_("empty: made from the name, in Latin letters")
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[choice for choice in Role.choices if choice[0] not in {Role.RESIDENT, Role.SUPPLIER}]
    )
    area = forms.ChoiceField(label=_("Where"))
    building = forms.CharField(
        label=_("Or one building"), max_length=40, required=False, help_text=_("its code; goes before the choice above")
    )


class GrantForm(Form):
    role = StaffForm.base_fields["role"]
    area = forms.ChoiceField(label=_("Where"))
    building = StaffForm.base_fields["building"]


class TokenForm(Form):
    label = forms.CharField(label=_("What the program is for"), max_length=60)


AREA_NAMES = {
    Area.HOUSEHOLD: _("household"),
    Area.SUPPLIER: _("supplier"),
    Area.SUBDISTRICT: _("the whole subdistrict"),
}
