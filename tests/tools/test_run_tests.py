"""The closing line of `make test` counts what pytest reported, and never takes a broken run for a good one."""

from tests.chromium import MISSING
from tools.run_tests import Tally, complaints, count

REPORT = f"""<testsuites><testsuite>
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><failure message="x"/></testcase>
<testcase name="d"><error message="x"/></testcase>
<testcase name="e"><skipped message="{MISSING}: install it"/></testcase>
</testsuite></testsuites>"""


def test_counts_passes_failures_and_skips(tmp_path):
    report = tmp_path / "r.xml"
    report.write_text(REPORT)
    assert count(report, 1, "SQLite") == Tally(passed=2, failed=2, skipped=1, without_browser=1)


def test_a_run_without_tests_or_report_is_broken(tmp_path):
    assert count(tmp_path / "none.xml", 5, "SQLite").broken == ("pytest on SQLite ended with status 5",)
    assert count(tmp_path / "none.xml", 0, "SQLite").broken == ("pytest on SQLite left no report",)


def test_skipped_browser_tests_are_said_aloud_with_the_command_that_helps():
    (line,) = complaints(Tally(passed=9, skipped=3, without_browser=3))
    assert line.startswith("3 browser tests were skipped")
    assert "apt-get install chromium" in line
