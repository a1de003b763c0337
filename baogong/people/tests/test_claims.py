from __future__ import annotations

from datetime import timedelta

import pytest

from baogong.common.errors import BadInput, TooMany
from baogong.common.models import Event
from baogong.people import access, services
from baogong.people.models import Account, SignInCode
from baogong.people.services.claims import HouseholdFull, WrongLetterCode, invite_member, print_letter, print_letters
from baogong.people.tests.cast import NOON, make_person, make_resident


def letters(cast, *buildings):
    printed = print_letters(buildings or [cast.building], actor=cast.actor(cast.worker), now=NOON)
    return {letter.household.code: letter.code for letter in printed}


def claim(cast, code, name="王伟", *, account=None, address="10.0.0.1", at=NOON):
    return services.claim_household_with_letter(
        account, code, name=name, subdistrict_id=cast.subdistrict_id, address=address, now=at
    )


def home(account):
    return access.own_household(access.actor_of_account(account))


def test_each_household_gets_a_letter_with_a_code_of_its_own(cast):
    codes = letters(cast, cast.building, cast.sealed)

    assert list(codes) == ["3/101", "12/2/301", "12/2/502"]
    assert len(set(codes.values())) == 3
    assert {len(code) for code in codes.values()} == {8}


def test_the_code_stands_nowhere_in_the_database(cast):
    code = letters(cast)["12/2/502"]

    stored = str(list(SignInCode.objects.within(cast.subdistrict_id).values())) + str(
        list(Event.objects.within(cast.subdistrict_id).values())
    )
    assert code not in stored


def test_the_letter_makes_its_holder_a_member_who_may_order(cast):
    account, household = claim(cast, letters(cast, cast.sealed)["3/101"].lower(), "赵 大爷")

    assert household == cast.zhao == home(account)
    assert (account.name, account.person.contact) == ("赵 大爷", True)
    event = Event.objects.within(cast.subdistrict_id).get(verb="people.household_claimed")
    assert (event.household_id, event.values["way"]) == (cast.zhao.pk, "letter")


def test_a_letter_is_good_once(cast):
    code = letters(cast)["12/2/502"]
    claim(cast, code, "王二")

    with pytest.raises(WrongLetterCode):
        claim(cast, code, "王三")


def test_printing_again_makes_the_old_letter_void(cast):
    old, new = letters(cast)["12/2/502"], letters(cast)["12/2/502"]

    with pytest.raises(WrongLetterCode):
        claim(cast, old)
    assert claim(cast, new)[1] == cast.wang


def test_one_letter_printed_again_leaves_the_neighbours_alone(cast):
    codes = letters(cast)
    again = print_letter(cast.wang, actor=cast.actor(cast.worker), now=NOON)

    with pytest.raises(WrongLetterCode):
        claim(cast, codes["12/2/502"])
    assert claim(cast, again.code)[1] == cast.wang
    assert claim(cast, codes["12/2/301"], "李娜")[1] == cast.li


def test_a_new_letter_signs_a_member_in_again(cast):
    account, _household = claim(cast, letters(cast)["12/2/502"], "王伟")

    assert account == cast.wang_account


def test_a_known_person_without_an_account_gets_one(cast):
    granny = make_person(cast.subdistrict_id, "王奶奶", household=cast.wang)

    account, _household = claim(cast, letters(cast)["12/2/502"], "王奶奶")

    assert account.person == granny


def test_a_deactivated_member_does_not_come_back_as_the_same_account(cast):
    cast.wang_account.is_active = False
    cast.wang_account.save()

    account, _household = claim(cast, letters(cast)["12/2/502"], "王伟")

    assert account != cast.wang_account


def test_somebody_with_an_account_acts_for_a_second_household_and_lives_in_the_first(cast):
    account, household = claim(cast, letters(cast, cast.sealed)["3/101"], "", account=cast.wang_account)

    assert (account, household) == (cast.wang_account, cast.zhao)
    assert home(account) == cast.wang
    assert set(access.households_for(cast.actor(account), "groupbuy.order")) == {cast.wang, cast.zhao}


def test_a_name_is_asked_for(cast):
    code = letters(cast)["12/2/502"]

    with pytest.raises(BadInput) as refusal:
        claim(cast, code, "   ")

    assert refusal.value.facts["field"] == "name"
    assert claim(cast, code)[1] == cast.wang


@pytest.mark.parametrize("typed", ["", "XXXXXXXX", "１２３４５６７８", "A" * 500])
def test_a_code_that_is_none_is_refused(cast, typed):
    letters(cast)
    before = Account.objects.within(cast.subdistrict_id).count()

    with pytest.raises(WrongLetterCode):
        claim(cast, typed)

    assert Account.objects.within(cast.subdistrict_id).count() == before


def test_a_code_survives_being_read_aloud_and_written_by_hand(cast):
    code = letters(cast)["12/2/502"]
    mistaken = code.replace("0", "O").replace("1", "l")

    assert claim(cast, f"{mistaken[:4]} - {mistaken[4:]}")[1] == cast.wang


def test_eight_members_are_the_most(cast):
    for n in range(7):
        make_resident(cast.wang, f"王{n}")

    with pytest.raises(HouseholdFull):
        claim(cast, letters(cast)["12/2/502"], "第九人")
    with pytest.raises(HouseholdFull):
        invite_member(cast.wang, actor=cast.actor(cast.wang_account), now=NOON)


def test_a_refused_claim_leaves_the_code_good(cast):
    others = [make_resident(cast.wang, f"王{n}") for n in range(7)]
    code = letters(cast)["12/2/502"]
    with pytest.raises(HouseholdFull):
        claim(cast, code, "第九人")

    services.end_grant(others[0].grants.get(), actor=cast.actor(cast.worker), now=NOON - timedelta(seconds=1))

    assert claim(cast, code, "第九人")[1] == cast.wang


def test_open_invitations_count_as_members(cast):
    for _ in range(7):
        invite_member(cast.wang, actor=cast.actor(cast.wang_account), now=NOON)

    with pytest.raises(HouseholdFull):
        invite_member(cast.wang, actor=cast.actor(cast.wang_account), now=NOON)


def test_an_invitation_is_good_for_a_day(cast):
    early, late = (invite_member(cast.wang, actor=cast.actor(cast.wang_account), now=NOON) for _ in range(2))

    assert claim(cast, early, "王奶奶", at=NOON + timedelta(hours=23))[1] == cast.wang
    with pytest.raises(WrongLetterCode):
        claim(cast, late, "王爷爷", at=NOON + timedelta(hours=24))


def test_a_letter_of_a_household_that_was_merged_is_void(cast):
    code = letters(cast)["12/2/301"]
    services.merge_households(cast.li, cast.wang, actor=cast.actor(cast.worker), now=NOON)

    with pytest.raises(WrongLetterCode):
        claim(cast, code, "李娜")


def test_letters_of_another_subdistrict_open_nothing_here(cast):
    from baogong.people.tests.cast import make_subdistrict

    code = letters(cast)["12/2/502"]
    other = make_subdistrict("望京街道")

    with pytest.raises(WrongLetterCode):
        services.claim_household_with_letter(
            None, code, name="王伟", subdistrict_id=other.pk, address="10.0.0.1", now=NOON
        )


def test_guessing_from_one_address_ends_after_200_tries(cast, monkeypatch):
    monkeypatch.setattr("baogong.people.services.claims.code_fits", lambda code_hash, typed: False)
    for _ in range(200):
        with pytest.raises(WrongLetterCode):
            claim(cast, "XXXXXXXX")

    with pytest.raises(TooMany):
        claim(cast, "XXXXXXXX")
    with pytest.raises(WrongLetterCode):
        claim(cast, "XXXXXXXX", address="10.0.0.2")
