import pytest

from baogong.common import crypto


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path):
    settings.BAOGONG_KEYS = tmp_path


def test_a_sealed_text_comes_back_with_its_key_and_with_no_other():
    wang, li = crypto.new_wrapped_key(), crypto.new_wrapped_key()
    sealed = crypto.seal(wang, "13800000107")

    assert crypto.unseal(wang, sealed) == "13800000107"
    assert b"13800000107" not in sealed
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(li, sealed)


def test_a_changed_byte_is_noticed():
    key = crypto.new_wrapped_key()
    sealed = bytearray(crypto.seal(key, "13800000107"))
    sealed[-1] ^= 1

    with pytest.raises(crypto.Unreadable):
        crypto.unseal(key, bytes(sealed))


def test_a_destroyed_key_makes_everything_unreadable():
    sealed = crypto.seal(crypto.new_wrapped_key(), "13800000107")

    with pytest.raises(crypto.Unreadable):
        crypto.unseal(b"", sealed)


def test_the_blind_index_is_equal_for_equal_values_and_differs_by_kind():
    assert crypto.blind_index("phone", "1") == crypto.blind_index("phone", "1")
    assert crypto.blind_index("phone", "1") != crypto.blind_index("name", "1")
    assert crypto.blind_index("phone", "1") != crypto.blind_index("phone", "2")


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    crypto.blind_index("phone", "1")
    path = tmp_path / "index.key"

    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_bytes()) == 32
