import pytest

from baogong.common.errors import BadInput
from baogong.common.money import fen_from_yuan, yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12.5", 1250), ("¥12.50", 1250), ("12.50元", 1250), ("0", 0), ("1,200", 120000)],
)
def test_amounts_as_people_write_them_become_whole_fen(text, fen):
    assert fen_from_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1e3", "NaN", "十元", "1.2.3", "99999999999"])
def test_anything_else_is_refused(text):
    with pytest.raises(BadInput):
        fen_from_yuan(text)


def test_yuan_always_show_two_decimals():
    assert [yuan(n) for n in (0, 5, 4500, -4505)] == ["0.00", "0.05", "45.00", "-45.05"]
