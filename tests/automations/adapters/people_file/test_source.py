"""People files: how columns and values may be written; every error names line and value."""

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automations.adapters.people_file.source import PeopleFile
from automations.errors import Rejected, Unavailable
from automations.identities import IdentityPerson
from automations.spreadsheet import bare
from tests.automations.adapters.people_file.written import as_csv, as_json
from tests.identity.people import Somebody
from tests.support import START, FakeClock

TEAM = tuple(Somebody(f"p{n}@team.example", f"P {n}", n % 2 > 0, ("Support", "Leads")) for n in range(4))


def source(path: Path, text: str | bytes, **options: Any) -> PeopleFile:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (START.timestamp(), START.timestamp()))
    return PeopleFile(path, FakeClock().now, **options)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def refused(file: PeopleFile) -> str:
    """The words of the error that reading it is."""
    with pytest.raises(Rejected) as raised:
        file.people()
    assert raised.value.code == "incomplete"
    assert "Nothing was changed." in str(raised.value)
    return str(raised.value)


def test_a_table_with_all_there_can_be(table: Path) -> None:
    header = "ID,Mail,displayName,STATUS,Groups,Cost centre\n"
    row = '7,Anna@Team.example,"Berg, Anna",Active,Tier1; Leads ;;Tier1,4130\n'
    (found,) = source(table, header + row).people()
    assert found == IdentityPerson(
        "7", "anna@team.example", "Berg, Anna", True, ("Leads", "Tier1"), (("Cost centre", "4130"),)
    )


def test_a_table_with_as_little_as_there_can_be(table: Path) -> None:
    """Whoever is listed is active, and known by their address."""
    (found,) = source(table, "\ufeffuserName\r\nanna@team.example").people()
    assert found == IdentityPerson("anna@team.example", "anna@team.example", "anna@team.example", True)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", [True, False])
def test_ends_of_lines_and_the_mark_of_the_order_of_bytes(table: Path, end: str, mark: str, last: bool) -> None:
    text = mark + as_csv(TEAM, end)
    found = source(table, text if last else text.removesuffix(end)).people()
    assert [(one.email, one.active, one.groups) for one in found] == [
        (one.email, one.active, ("Leads", "Support")) for one in TEAM
    ]


@pytest.mark.parametrize(
    ("word", "active"),
    [
        *((word, True) for word in ("true", "True", "yes", "1", "active", "ACTIVE", " enabled ")),
        *((word, False) for word in ("false", "False", "no", "0", "inactive", "disabled", "Suspended")),
    ],
)
def test_words_for_active(table: Path, word: str, active: bool) -> None:
    (found,) = source(table, f"email,enabled\na@x.example,{word}\n").people()
    assert found.active is active


@pytest.mark.parametrize("word", ["", "maybe", "2", "truefalse", "on leave"])
def test_another_word_is_an_error_that_names_line_and_value(table: Path, word: str) -> None:
    words = refused(source(table, f"email,Active\na@x.example,yes\nb@x.example,{word}\n"))
    assert f"people.csv: line 3: Active '{word}' is not one of true, yes" in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("email,active\n", "told of nobody at all"),
        ("name,active\nAnna,yes\n", "line 1: no column holds the mail address (email, e-mail, mail, username)"),
        ("email;name\na@x.example;Anna\n", "no column holds the mail address"),
        ("a@x.example,Anna\nb@x.example,Ben\n", "no column holds the mail address"),
        ("email,Mail\na@x.example,b@x.example\n", "line 1: the columns 'email' and 'Mail' are the same thing"),
        ("email,active,status\na@x.example,1,no\n", "the columns 'active' and 'status' are the same thing"),
        ("email,floor,Floor\na@x.example,1,2\n", "the columns 'floor' and 'Floor' are the same thing"),
        ("email,,\na@x.example,,\n", "line 1: a column has no name"),
        ("email,name\na@x.example\n", "line 2: 1 values, but the header has 2 columns; it begins with 'a@x.example'"),
        ("email,name\na@x.example,Berg, Anna\n", "line 2: 3 values, but the header has 2 columns"),
        ('email,name\na@x.example,"Anna\nb@x.example,Ben\n', "line 2: "),
        ('email,name\na@x.example,"Anna" Berg\n', "line 2: "),
        ("email\nanna\n", "line 2: email 'anna' is no mail address"),
        ("email\na b@x.example\n", "line 2: email 'a b@x.example' is no mail address"),
        ("email,name\n,Anna\n", "line 2: email is empty"),
        ("id,email\n,a@x.example\n", "line 2: id is empty"),
        ("id,email\n1,a@x.example\n1,b@x.example\n", "line 3: the id '1' is in line 2 already"),
        ("id,email\n1,a@x.example\n\n2,A@x.example\n", "line 4: the address 'a@x.example' is in line 2 already"),
        ('id,email,n\n1,a@x.example,"two\nlines"\n1,b@x.example,\n', "line 4: the id '1' is in line 2 already"),
        (b"email\na@x.example\n\xe6@x.example\n", "line 3: this is not UTF-8 text (byte 18)"),
        (b"email\na@x.example\n\0\0\0\0", "line 3: this is no text, it holds a zero byte"),
    ],
)
def test_a_table_that_is_wrong_says_where(table: Path, text: str | bytes, words: str) -> None:
    assert words in refused(source(table, text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "told of nobody at all"),
        ("{}", "not a JSON array with an object for each person"),
        ('["a@x.example"]', "not a JSON array"),
        ('[{"email": "a@x.example"},', "line 1: this is not valid JSON"),
        ('[{"email": "a@x.example", "email": "b@x.example"}]', "says 'email' twice"),
        ('[{"email": "a@x.example", "Mail": "b@x.example"}]', "'email' and 'Mail' are the same thing"),
        (
            '[{"email": "a@x.example", "active": 1}, {"email": "b@x.example", "active": "soon"}]',
            "person 2: active 'soon' is not one",
        ),
        ('[{"email": "a@x.example", "active": true}, {"email": "b@x.example"}]', "person 2: active '' is not one of"),
        ('[{"email": "a@x.example", "groups": [{"id": 1}]}]', 'person 1: groups [{"id": "1"}] is not a single value'),
        ('[{"email": "a@x.example", "floor": {"at": 3}}]', 'person 1: floor {"at": "3"} is not a single value'),
        ('[{"email": null}]', "person 1: email is empty"),
        (
            '[{"id": "1", "email": "a@x.example"}, {"id": 1, "email": "b@x.example"}]',
            "person 2: the id '1' is in person 1",
        ),
        ('[{"email": "a@x.example", "name": "half \\ud83d"}]', "a text with a character that is none"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_json_that_is_wrong_says_where(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(source(tmp_path / "people.json", text))


def test_json_with_its_own_types(tmp_path: Path) -> None:
    text = """[{"id": 7, "email": "A@x.example", "active": false, "groups": ["Leads", "Tier;1"],
                "floor": 3, "left": null},
               {"id": 8, "email": null, "active": 1, "groups": "Leads", "remote": true}]"""
    nameless, anna = source(tmp_path / "people.json", text).people()
    assert anna == IdentityPerson("7", "a@x.example", "a@x.example", False, ("Leads", "Tier;1"), (("floor", "3"),))
    assert nameless == IdentityPerson("8", "", "8", True, ("Leads",), (("remote", "true"),))


@given(st.integers(0, len(as_csv(TEAM))))
def test_a_table_cut_anywhere_is_an_error_or_has_everybody(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """At the end of a line it looks whole, and only the number that is expected tells."""
    file = source(tmp_path_factory.mktemp("cut") / "people.csv", as_csv(TEAM)[:cut], at_least=len(TEAM))
    assert len(read_or_nobody(file)) in (0, len(TEAM))


@given(st.integers(0, len(as_json(TEAM))))
def test_json_cut_anywhere_is_an_error_or_has_everybody(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    found = read_or_nobody(source(tmp_path_factory.mktemp("cut") / "people.json", as_json(TEAM)[:cut]))
    assert len(found) == (len(TEAM) if cut == len(as_json(TEAM)) else 0)


def read_or_nobody(file: PeopleFile) -> tuple[IdentityPerson, ...]:
    with suppress(Rejected):
        return file.people()
    return ()


def unguarded(text: str) -> bool:
    """What begins like a guarded formula loses its apostrophe when a table is read."""
    return bare(text) == text


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip).filter(unguarded)
PEOPLE = st.lists(
    st.builds(
        Somebody,
        st.from_regex(r"[a-z0-9.+'\"-]{1,8}@[a-z0-9]{1,8}", fullmatch=True).filter(unguarded),
        NAMES,
        st.booleans(),
        st.sets(NAMES.filter(lambda name: name and ";" not in name), max_size=3).map(sorted).map(tuple),
        NAMES,
    ),
    min_size=1, max_size=12, unique_by=lambda one: one.email,
)  # fmt: skip


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine drawing takes long
@given(PEOPLE)
def test_any_people_come_back_from_a_table_and_from_json(
    tmp_path_factory: pytest.TempPathFactory, people: list[Somebody]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name, text in (("people.csv", as_csv(people)), ("people.json", as_json(people))):
        found = source(folder / name, text).people()
        assert {(one.email, one.active, one.groups, one.name or one.email) for one in found} == {
            (one.email, one.active, one.groups, one.name or one.email) for one in people
        }
        assert len(found) == len(people)


def test_a_file_that_is_too_old_is_an_error(table: Path) -> None:
    text = "email\na@x.example\n"
    assert len(source(table, text, max_age=timedelta(hours=2)).people()) == 1
    file = source(table, text, max_age=timedelta(hours=2))
    os.utime(table, ((START - timedelta(hours=2, seconds=1)).timestamp(),) * 2)
    assert "last written 2026-11-21 00:13 UTC, longer than 2 h ago (identity.max_age)" in refused(file)


def test_a_file_that_is_not_there_may_come_yet(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "none.csv", tmp_path / "folder.csv"):
        with pytest.raises(Unavailable, match=r"\(identity\.path\) cannot be read"):
            PeopleFile(path, FakeClock().now).people()


def test_a_file_that_is_being_written_is_not_taken(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = source(table, as_csv(TEAM))
    look = os.fstat

    def grown(descriptor: int) -> os.stat_result:
        found = look(descriptor)
        with table.open("a") as more:
            more.write("x")
        return found

    monkeypatch.setattr("os.fstat", grown)
    with pytest.raises(Unavailable, match="is being written"):
        file.people()


def test_fifty_thousand_people(table: Path) -> None:
    """Whoever reads them sees how far it is; the limit of the whole suite is the limit of time."""
    many = as_csv([Somebody(f"p{n}@team.example", f"P {n}", groups=("Support",)) for n in range(50_000)])
    seen: list[tuple[int, int | None]] = []
    found = source(table, many).people(progress=lambda count, total: seen.append((count, total)))
    assert len(found) == 50_000
    assert len(seen) == 51
    assert seen[-1] == (50_000, 50_000)
