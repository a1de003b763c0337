"""SQLite looks a row up by its own id once it knows that a subdistrict has many."""

from __future__ import annotations

import pytest
from django.db import connection

from baogong.common.ids import new_id
from baogong.common.models import Event
from baogong.common.statistics import gather_statistics


@pytest.mark.django_db
def test_with_statistics_many_ids_are_not_looked_for_in_the_whole_subdistrict():
    here = new_id()
    Event.objects.bulk_create([Event(subdistrict_id=here, verb="x", subject_id=new_id()) for _ in range(300)])
    wanted = Event.objects.within(here).filter(pk__in=[new_id() for _ in range(20)])

    gather_statistics()

    plan = wanted.explain()
    assert connection.vendor == "postgresql" or "(id=?)" in plan  # PostgreSQL gathers its statistics by itself
