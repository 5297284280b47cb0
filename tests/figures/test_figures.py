"""The figures: every row has its number and a command that exists; results are kept, gone on with and shown."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.figures import __main__ as figures
from tests.figures import results, running
from tests.figures.machine import commit, machine, versions
from tests.figures.registry import NUMBER, chosen, place, rows, whole
from tests.figures.results import FAILED, PASSED, TOO_SLOW, Result
from tests.figures.row import Row
from tests.figures.running import LIMIT_S, play
from tests.figures.table import HEADS, cells, markdown
from tests.figures.told import VARIABLE, heard, tell
from tests.mutation.areas import AREAS
from tests.serving import ROOT

GOOD = Result(PASSED, ("3 of 3",), True, 12.0, "2026-01-02 03:04", "abc", "2 cores")


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.number)
def test_a_row_names_what_exists_and_fits_in_its_time(row: Row) -> None:
    assert NUMBER.fullmatch(row.number)
    assert row.what
    assert row.floor
    assert 0 < row.minutes <= LIMIT_S / 60
    kind, *words = row.command
    assert kind in running.MODULES
    if kind == "bench":
        assert (ROOT / "tests" / "bench" / f"{words[0]}.py").exists()
    elif kind == "mutation":
        assert words[0] in AREAS
    else:
        named = [word for word in words if word.startswith("tests")]
        assert named
        for word in named:
            file, *inner = word.split("::")
            assert (ROOT / file).exists(), file
            text = (ROOT / file).read_text("utf-8") if inner else ""
            assert all(re.search(rf"(def|class) {re.escape(name.partition('[')[0])}\b", text) for name in inner), word


@pytest.mark.parametrize("name", sorted({name for row in rows() for name in row.env}))
def test_a_variable_that_sets_a_count_is_read_by_some_test(name: str) -> None:
    files = [file for file in (ROOT / "tests").rglob("*.py") if not file.name.startswith("rows_")]
    assert any(name in file.read_text("utf-8") for file in files)


def test_the_order_is_that_of_the_table() -> None:
    numbers = [row.number for row in rows()]
    assert numbers == sorted(numbers, key=place)
    assert sorted(["10", "6b", "latency", "6", "2"], key=place) == ["2", "6", "6b", "10", "latency"]


def test_a_number_stands_for_all_its_parts() -> None:
    made = [Row(number, "what", "floor", ("bench", "x")) for number in ("6", "6b", "60", "latency")]
    assert [row.number for row in chosen(made, ["6"])] == ["6", "6b"]
    assert [row.number for row in chosen(made, ["6b", "latency"])] == ["6b", "latency"]
    assert whole("6b") == "6"
    with pytest.raises(ValueError, match="no row 7; there are 6, 6b, 60, latency"):
        chosen(made, ["7"])


def test_what_is_told_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tell("1", "to nobody")
    file = tmp_path / "told.txt"
    monkeypatch.setenv(VARIABLE, str(file))
    tell("1", "220 a second\nand more")
    tell("1b", "another row's")
    assert heard(file.read_text("utf-8"), {"1"}) == (["220 a second and more"], True)
    tell("1", "p99 300 ms", reached=False)
    assert heard(file.read_text("utf-8"), {"1"}) == (["220 a second and more", "p99 300 ms"], False)
    assert heard("nothing", {"1"}) == ([], True)


def _row(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> Row:
    """A row whose command plays one file of tests."""
    file = folder / "test_made.py"
    file.write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return Row("6", "made", "all", ("pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(file)))


def test_a_row_that_passes_is_told_by_its_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from tests.figures.told import tell\n\ndef test_it():\n    tell('6', '5 of 5')\n    tell('7', 'not ours')\n"
    result = play(_row(tmp_path, code, monkeypatch), tmp_path / "log")
    assert (result.outcome, result.words, result.good) == (PASSED, ("5 of 5",), True)
    assert result.commit.startswith(commit().rstrip("+"))


def test_a_row_that_tells_nothing_is_told_by_how_many_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = play(_row(tmp_path, "def test_a(): pass\n\ndef test_b(): pass\n", monkeypatch), tmp_path / "log")
    assert (result.outcome, result.words) == (PASSED, ("tests: 2 passed",))


def test_a_row_that_fails_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = play(_row(tmp_path, "def test_a(): pass\n\ndef test_b(): assert 0\n", monkeypatch), tmp_path / "log")
    assert (result.outcome, result.words, result.good) == (FAILED, ("tests: 1 failed, 1 passed",), False)
    assert "assert 0" in (tmp_path / "log").read_text("utf-8")


def test_a_row_that_takes_too_long_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import subprocess, sys\n\ndef test_it():\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n    child.wait()\n"
    )
    result = play(_row(tmp_path, code, monkeypatch), tmp_path / "log", limit_s=5)
    assert (result.outcome, result.good) == (TOO_SLOW, False)
    state = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_benchmark_that_tells_no_figure_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(running.MODULES, "bench", "this")
    result = play(Row("zen", "what", "floor", ("bench",)), tmp_path / "log")
    assert (result.outcome, result.words) == (FAILED, ("it told no figure",))


def test_results_come_back_as_they_were_kept(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    assert results.load(file) == {}
    results.save({"6": GOOD}, file)
    assert results.load(file) == {"6": GOOD}


def test_a_run_keeps_each_result_as_it_comes_and_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [Row(number, "what", "floor", ("pytest",)) for number in ("1", "2", "3")]
    played: list[str] = []

    def _play(row: Row, _log: Path) -> Result:
        played.append(row.number)
        if row.number == "3":
            raise KeyboardInterrupt
        return replace(GOOD, commit="now", outcome=FAILED if row.number == "2" else PASSED)

    file = tmp_path / "results.json"
    monkeypatch.setattr(figures, "play", _play)
    monkeypatch.setattr(figures, "commit", lambda **_: "now")
    with pytest.raises(KeyboardInterrupt):
        figures.run(made, {}, Console(quiet=True), file=file)
    measured = results.load(file)
    assert [row.number for row in made if figures.is_due(measured.get(row.number), missing=False)] == ["2", "3"]
    assert [row.number for row in made if figures.is_due(measured.get(row.number), missing=True)] == ["3"]
    assert figures.run(made[1:2], measured, Console(quiet=True), file=file) == 1
    assert played == ["1", "2", "3", "2"]


def test_what_was_measured_on_another_commit_is_due_again() -> None:
    assert figures.is_due(replace(GOOD, commit="0000000000"), missing=False)


def test_the_table_says_what_fell_short_and_what_was_never_measured() -> None:
    made = [Row(number, "a|b", "all", ("pytest",)) for number in ("1", "2", "3")]
    text = markdown(made, {"1": GOOD, "2": replace(GOOD, reached=False, seconds=240)})
    assert text.splitlines() == [
        f"| {' | '.join(HEADS)} |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 1 | a\\|b | all | 3 of 3 | yes | 2026-01-02, 12 s |",
        "| 2 | a\\|b | all | 3 of 3 | short | 2026-01-02, 4 min |",
        "| 3 | a\\|b | all | not measured yet | – | – |",
        "",
        "Measured on: 2 cores.",
    ]
    assert cells(made[0], replace(GOOD, outcome=TOO_SLOW, words=()))[3:5] == ("too slow", "too slow")


def test_the_list_is_there_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    number = rows()[0].number
    assert figures.main(["list", number, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["row"] for one in told] == [row.number for row in chosen(rows(), [number])]
    assert figures.main(["run", "999"]) == 64


def test_the_machine_is_told_without_its_name() -> None:
    assert re.match(r"\d+ cores", machine())
    assert sys.version.split()[0] in machine()
    assert "SQLite" in versions()
