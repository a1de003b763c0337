"""What changes people, households, accounts and duties. Split by subject; import from here."""

from baogong.people.services.accounts import (
    activate_account,
    change_phone,
    create_account,
    create_person,
    deactivate_account,
    free_username,
    give_temporary_password,
    phone_changes_due,
    set_language,
    set_password,
    sign_out_everywhere,
)
from baogong.people.services.claims import (
    claim_household_with_letter,
    invite_member,
    print_letter,
    print_letters,
)
from baogong.people.services.duties import DutyHeld, LastWorker, SamePerson, end_duty, set_duty, set_on_duty
from baogong.people.services.grants import LastAdministrator, WrongArea, end_grant, give_grant
from baogong.people.services.households import (
    DoorTaken,
    HouseholdEnded,
    create_household,
    mark_contacted,
    merge_households,
    move_household,
    set_counts,
    set_no_phone,
    split_household,
)
from baogong.people.services.telling import tell_households
from baogong.people.services.volunteers import enlist_volunteer, set_volunteer_duty

__all__ = [
    "DoorTaken",
    "DutyHeld",
    "HouseholdEnded",
    "LastAdministrator",
    "LastWorker",
    "SamePerson",
    "WrongArea",
    "activate_account",
    "change_phone",
    "claim_household_with_letter",
    "create_account",
    "create_household",
    "create_person",
    "deactivate_account",
    "end_duty",
    "end_grant",
    "enlist_volunteer",
    "free_username",
    "give_grant",
    "give_temporary_password",
    "invite_member",
    "mark_contacted",
    "merge_households",
    "move_household",
    "phone_changes_due",
    "print_letter",
    "print_letters",
    "set_counts",
    "set_duty",
    "set_language",
    "set_no_phone",
    "set_on_duty",
    "set_password",
    "set_volunteer_duty",
    "sign_out_everywhere",
    "split_household",
    "tell_households",
]
