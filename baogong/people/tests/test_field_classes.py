"""Law 10, as far as models tell: which fields say who somebody is, and that no sensitive one can be searched."""

from __future__ import annotations

import re

import pytest
from django.apps import apps

MODELS = [model for model in apps.get_models() if model.__module__.startswith("baogong.")]
# Words in a field's name that speak of a person, until its model says otherwise.
TELLING = re.compile(r"phone|address|username|^flat$|birth|id_number|licence_plate|^note$|diagnos|medic|health|illness")
# Such names where they do not: numbers and addresses of firms and offices.
NOT_PERSONS = {
    ("supply.Supplier", "phone"),
    ("supply.SupplyList", "note"),
    ("supply.GoodsReceipt", "note"),
    ("people.Household", "no_phone"),
    ("people.Person", "phone_next_at"),
}


def declared(model, name):
    return getattr(model, name, set())


def fields(model):
    return {field.name for field in model._meta.concrete_fields}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_what_a_model_declares_are_fields_of_its_own_in_one_class_only(model):
    personal, sensitive = declared(model, "PERSONAL"), declared(model, "SENSITIVE")

    assert personal | sensitive <= fields(model)
    assert not personal & sensitive


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_field_that_tells_of_a_person_is_declared(model):
    label = model._meta.label
    telling = {name for name in fields(model) if TELLING.search(name) and (label, name) not in NOT_PERSONS}

    assert telling <= declared(model, "PERSONAL") | declared(model, "SENSITIVE")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_sensitive_fields_lie_encrypted_and_in_no_index(model):
    for name in declared(model, "SENSITIVE"):
        field = model._meta.get_field(name)
        assert field.get_internal_type() == "BinaryField", f"{name} is not sealed"
        assert not field.db_index
        assert all(name not in index.fields for index in model._meta.indexes)


def test_the_people_of_this_house_declare_their_names_and_numbers():
    from baogong.people.models import Account, Household, Person

    assert {"name", "phone_sealed", "phone_index"} <= Person.PERSONAL
    assert {"flat", "code", "people"} <= Household.PERSONAL
    assert "username" in Account.PERSONAL
