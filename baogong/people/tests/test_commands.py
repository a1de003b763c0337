from __future__ import annotations

import argparse

from baogong.people import access, commands
from baogong.people.models import Account
from baogong.people.tests.cast import make_subdistrict


def test_the_first_administrator_comes_from_the_command_line(db, capsys):
    subdistrict = make_subdistrict()

    status = commands.add_administrator(argparse.Namespace(name="何平"))

    username, password = capsys.readouterr().out.split()
    account = Account.objects.within(subdistrict.pk).get(username=username)
    assert (status, username) == (0, "heping")
    assert account.check_password(password)
    assert account.password_temporary
    assert access.may(access.actor_of_account(account), "people.manage_staff")
