"""Django's sign-in, kept within a subdistrict: the same user name may exist in two."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from baogong.people.models import Account
from baogong.places.queries import NoSubdistrict, subdistrict_of


class AccountBackend:
    """Checks a password, and finds the account of a session. Inactive accounts are nobody."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None
    ) -> Account | None:
        if request is None or not username or password is None:
            return None
        try:
            account = Account.objects.within(subdistrict_of(request)).filter(username=username.strip()).first()
        except NoSubdistrict:
            account = None
        return account if password_fits(account, password) and account and account.is_active else None

    def get_user(self, user_id: UUID | str) -> Account | None:
        account: Account | None = Account.objects.filter(pk=user_id, is_active=True).select_related("person").first()
        return account


def password_fits(account: Account | None, password: str) -> bool:
    """Takes the same time whether or not there is such an account, or it has a password."""
    if account is None or not account.has_usable_password():
        Account().set_password(password)
        return False
    return account.check_password(password)
