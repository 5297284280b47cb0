"""The manifest, redaction and who is who, with Slack in a room of our own and without it."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.bot.cli.conftest import TEAM, Terminal
from tests.bot.workspace.room import Room


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: nothing here differs by database."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


class TestManifest:
    def test_it_is_the_file_that_is_kept(self, bare: Terminal) -> None:
        kept = Path(__file__).parents[3] / "manifest.yml"
        assert bare("manifest").out == kept.read_text(encoding="utf-8")

    def test_over_http_and_with_the_teams_prefix(self, handoff: Terminal) -> None:
        handoff.file("team.toml", f'{TEAM}\n[slack]\ncommand_prefix = "desk"\n')
        for given in ("https://bot.example", "https://bot.example/slack/events"):
            made = yaml.safe_load(handoff("manifest", "--http", given).out)
            commands = {one["command"]: one["url"] for one in made["features"]["slash_commands"]}
            assert commands == dict.fromkeys(
                (
                    "/desk", "/desk-provision", "/desk-offboard", "/desk-reconcile", "/desk-customers", "/desk-report",
                    "/desk-stuck", "/desk-undo",
                ),
                "https://bot.example/slack/events",
            )  # fmt: skip
        for wrong in ("http://bot.example", "nonsense"):
            assert handoff("manifest", "--http", wrong).code == 64


class TestRedact:
    def test_it_shows_what_is_left(self, bare: Terminal) -> None:
        ran = bare("redact", bare.file("log.txt", "job failed\npassword=Tr0ub4dor&3x9 for acct_42\n"))
        assert (ran.code, ran.out) == (0, "job failed\npassword=[redacted] for acct_42\n")

    def test_secrets_of_the_settings_are_known(self, handoff: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HANDOFF_INGEST__TOKENS", "*=plainwordsecret")
        assert "plainwordsecret" not in handoff("redact", handoff.file("x", "said plainwordsecret\n")).out
        monkeypatch.setenv("HANDOFF_NONSENSE", "1")
        assert "The settings cannot be used" in handoff("redact", handoff.file("x", "a\n")).err

    def test_files_that_are_no_text_are_named(self, bare: Terminal) -> None:
        (bare.folder / "x.bin").write_bytes(b"one\ntwo \xff\n")
        assert "x.bin, line 2: this is not UTF-8 text" in bare("redact", "x.bin").err
        assert "nowhere: the file cannot be read" in bare("redact", "nowhere").err


class TestPeople:
    def test_slack_users_are_found_by_id_or_equal_address(self, handoff: Terminal, room: Room) -> None:
        extra = "\n".join(
            f'[[people]]\nname = "{name}"\nemail = "{email}"\n{slack}'
            for name, email, slack in (
                ("June Adler", "june.adler@example.com", ""),
                ("New Hire", "new.hire@example.com", ""),
                ("Kim Vogt", "kim@example.com", 'slack = "U_GUEST"'),
                ("Ravi N", "ravi@elsewhere.example", 'slack = "U_AGENT2"'),
                ("Gone", "gone@example.com", 'slack = "U_GONE"'),
            )
        )
        handoff.file("team.toml", f"{TEAM}\n{extra}")
        ran = handoff("people", "check", "--json")
        assert (ran.code, ran.json["slack"]) == (1, "asked")
        joined = {one["name"]: one for one in ran.json["people"]}
        assert joined["June Adler"]["slack"] == "U_AGENT3"
        open_ones = " ".join(question for question in ran.json["questions"] if "agent of the desk" not in question)
        for words in (
            "nobody in Slack has the address new.hire@example.com", "guests may do nothing", "Gone: U_GONE",
            "has the address ravi.nair@example.com in Slack; is U_AGENT2 the same person?",
        ):  # fmt: skip
            assert words in open_ones
        assert "Mara" not in open_ones
