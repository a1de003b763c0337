from __future__ import annotations

import pytest

from baogong.common.tables import COMMAND, Limits, Unreadable, opened


def read(tmp_path, content: bytes, limits: Limits = COMMAND):
    """Header and (line, cells) of a file with this content."""
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with opened(path, limits=limits, scratch=tmp_path / "scratch") as (table, _found):
        return table.header, [(row.line, row.cells) for row in table.rows()]


def why(tmp_path, content: bytes, limits: Limits = COMMAND) -> Unreadable:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, content, limits)
    return refusal.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_usual_encodings_give_the_same_rows(tmp_path, encoding):
    text = "小区,楼栋\n酒仙桥一里,１２号楼\n䶮园,2号楼\n"

    header, rows = read(tmp_path, text.encode(encoding))

    assert header == ["小区", "楼栋"]
    assert rows == [(2, ["酒仙桥一里", "１２号楼"]), (3, ["䶮园", "2号楼"])]


@pytest.mark.parametrize(
    ("content", "guess"),
    [
        ("小区,楼栋\n一里,2号楼\n".encode("utf-16"), "UTF-16"),
        ("compound,name\n" + "寧靜東園,測試樓棟號碼\n" * 9, "big5"),
        ("name\nMédéric Éloïse Gärtner, São Paulo ÀÉÈ\n" * 5, "cp1252"),
    ],
)
def test_other_encodings_are_refused_with_a_guess(tmp_path, content, guess):
    encoded = content if isinstance(content, bytes) else content.encode(guess)

    refusal = why(tmp_path, encoded)

    assert refusal.code == "encoding"
    assert refusal.facts["guess"] == guess


def test_bytes_that_are_cut_off_within_a_sign_are_refused(tmp_path):
    assert why(tmp_path, "小区\n一里".encode()[:-1] + b"\xff").code == "encoding"


def test_blank_rows_are_left_out_and_lines_still_count_as_in_the_file(tmp_path):
    header, rows = read(tmp_path, b"\n\na,b\n1,2\n,\n \t,  \n\n3,4\n")

    assert header == ["a", "b"]
    assert rows == [(4, ["1", "2"]), (8, ["3", "4"])]


def test_a_text_over_several_lines_counts_from_where_it_starts(tmp_path):
    _header, rows = read(tmp_path, b'a,b\r\n"1\r\n2\r\n3",x\r\n4,y\r\n')

    assert rows == [(2, ["1\r\n2\r\n3", "x"]), (5, ["4", "y"])]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_all_line_endings_are_read(tmp_path, ending):
    assert read(tmp_path, ending.join([b"a,b", b"1,2", b"3,4"])) == (["a", "b"], [(2, ["1", "2"]), (3, ["3", "4"])])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n \n,,\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"a;b\n1;2\n", "semicolons"),
        (b"a\tb\n1\t2\n", "tabs"),
        (b"a\0,b\n1,2\n", "binary"),
        (b"%PDF-1.7\n", "binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
    ],
)
def test_what_is_no_table_is_refused_by_what_it_is(tmp_path, content, code):
    assert why(tmp_path, content).code == code


def test_a_quote_that_never_closes_is_refused_with_its_line(tmp_path):
    refusal = why(tmp_path, b'a,b\n1,2\n"3,4\n5,6\n')

    assert refusal.code == "broken_quotes"
    assert refusal.facts["line"] == 3


def test_limits_are_kept(tmp_path):
    small = Limits(size=100, rows=2, columns=2)

    assert why(tmp_path, b"a,b\n" + b"1,2\n" * 3, small).code == "too_many_rows"
    assert why(tmp_path, b"a,b,c\n", small).code == "too_many_columns"
    assert why(tmp_path, b"a,b\n" + b"1,2\n" * 40, small).code == "too_large"
    assert read(tmp_path, b"a,b,,\n1,2\n3,4\n", small)[0] == ["a", "b"]


def test_the_child_reads_csv_as_this_process_does(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes("小区,x\n一里,\n,\n二里,=1\n".encode("gb18030"))

    with opened(path, limits=COMMAND, scratch=tmp_path / "scratch") as (here, _):
        direct = here.header, list(here.rows())
    with opened(path, limits=COMMAND, scratch=tmp_path / "scratch", child=True) as (there, _):
        by_child = there.header, list(there.rows())

    assert by_child == direct
    assert list((tmp_path / "scratch").iterdir()) == []
