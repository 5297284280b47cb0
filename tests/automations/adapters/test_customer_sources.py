"""The contract of `CustomerSource`: all rows, each value as the same text from everywhere, or an error and no listing.

Played with tables of commas and of semicolons, JSON, and real databases of both kinds.
"""

import csv
import io
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from automations.adapters.customers_file.source import CustomersFile
from automations.adapters.customers_sql.cursor import OVERLAP, Furthest, begins_at, decoded, encoded
from automations.adapters.customers_sql.engine import _BEFORE_READING as BEFORE_READING
from automations.adapters.customers_sql.engine import _WAITS as WAITS
from automations.adapters.customers_sql.failures import without_password
from automations.adapters.customers_sql.source import CustomersSql
from automations.adapters.customers_sql.statement import problem
from automations.customer_ports import CustomerSource
from automations.desks import SourceRow
from automations.errors import AdapterError, Rejected, Unavailable
from storage.engine import Database
from tests.support import START, FakeClock

Rows = Sequence[dict[str, Any]]
ACME = {"id": "a-1", "company": "Acme GmbH", "tier": "ENT", "domains": "acme.example, acme.test", "secret": "x"}
BELL = {"id": "b-2", "company": 'Bell & Søn; "Ltd", København', "tier": None, "domains": "", "secret": "y"}
IN_USE = ("id", "company", "tier", "domains")
NAIVE = START.replace(tzinfo=None)
LONG_AGO = NAIVE.replace(year=1900)


@dataclass
class Upstream:
    """Where customers are kept. `put` makes it hold exactly these rows."""

    clock: FakeClock = field(default_factory=FakeClock)

    def put(self, rows: Rows, columns: Sequence[str] | None = None) -> None:
        raise NotImplementedError

    def source(self, columns: Sequence[str] = IN_USE, **options: Any) -> CustomerSource:
        raise NotImplementedError


@dataclass
class Written(Upstream):
    """A file, by the end of its name."""

    path: Path = Path()
    delimiter: str = ","

    def put(self, rows: Rows, columns: Sequence[str] | None = None) -> None:
        names = columns or list(rows[0] if rows else ACME)
        if self.path.suffix == ".json":
            self.write(json.dumps([dict(zip(names, row.values(), strict=False)) for row in rows], default=as_written))
            return
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter)
        writer.writerow(names)
        writer.writerows([[as_written(one) for one in row.values()] for row in rows])
        self.write(out.getvalue())

    def write(self, content: str | bytes) -> None:
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(self.path, (START.timestamp(), START.timestamp()))

    def source(self, columns: Sequence[str] = IN_USE, **options: Any) -> CustomerSource:
        return CustomersFile("crm", self.path, columns, self.clock.now, **options)


def as_written(value: Any) -> Any:
    """What a program writes into a file for a value that has no form of its own there."""
    match value:
        case None | str():
            return value
        case bool():
            return str(value).lower()
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)


@dataclass
class Queried(Upstream):
    """A table `accounts` in a database."""

    url: str = ""
    query: str = "select * from accounts"

    def put(self, rows: Rows, columns: Sequence[str] | None = None) -> None:
        names = list(columns or (rows[0] if rows else ACME))
        first = list(rows[0].values()) if rows else ["x"] * len(names)
        kinds = [self._kind(one) for one in first]
        with self.writing() as connection:
            connection.execute(text("drop table if exists accounts"))
            made = ", ".join(f'"{name}" {kind}' for name, kind in zip(names, kinds, strict=True))
            connection.execute(text(f"create table accounts ({made})"))
        self.add(*rows)

    def add(self, *rows: dict[str, Any]) -> None:
        with self.writing() as connection:
            for row in rows:
                places = ", ".join(f":p{number}" for number in range(len(row)))
                values = {f"p{number}": self._bound(one) for number, one in enumerate(row.values())}
                connection.execute(text(f"insert into accounts values ({places})"), values)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            yield connection

    def count(self) -> int:
        with self.writing() as connection:
            return int(connection.execute(text("select count(*) from accounts")).scalar_one())

    def source(self, columns: Sequence[str] = IN_USE, *, query: str = "", **options: Any) -> CustomersSql:
        return CustomersSql("crm", self.url, query or self.query, columns, self.clock.now, **options)

    @property
    def dialect(self) -> str:
        return make_url(self.url).get_backend_name()

    def _bound(self, value: Any) -> Any:
        """SQLite has neither decimals nor times of its own."""
        return as_written(value) if self.dialect == "sqlite" and isinstance(value, Decimal | date) else value

    def _kind(self, value: Any) -> str:
        kinds = {bool: "boolean", int: "bigint", float: "double precision", Decimal: "numeric(10, 2)", date: "date"}
        if isinstance(value, datetime):
            return "timestamptz" if value.tzinfo else "timestamp"
        return "text" if self.dialect == "sqlite" and isinstance(value, date) else kinds.get(type(value), "text")


def told(source: CustomerSource, since: str | None = None) -> list[dict[str, str | None]]:
    return [dict(row.columns) for row in source.rows(since)]


def refused(source: CustomerSource, code: str, since: str | None = None) -> str:
    """The words of the refusal that reading it is."""
    with pytest.raises(Rejected) as raised:
        list(source.rows(since))
    assert raised.value.code == code
    assert raised.value.system == "crm"
    assert "Nothing was changed." in str(raised.value)
    return str(raised.value)


class SourceContract:
    """What every source promises."""

    def test_every_row_is_told_with_the_columns_in_use_and_no_others(self, upstream: Upstream) -> None:
        upstream.put([ACME, BELL])
        acme, bell = upstream.source().rows(None)
        assert dict(acme.columns) == {name: ACME[name] for name in IN_USE}
        assert bell.columns["company"] == BELL["company"]
        assert acme.place != bell.place
        assert any(one.isdigit() for one in acme.place)

    def test_what_has_no_value_stays_without_one(self, upstream: Upstream) -> None:
        """A table of commas alone knows no difference between none and an empty text."""
        upstream.put([ACME, BELL])
        bell = told(upstream.source())[1]
        assert not bell["tier"]
        assert bell["domains"] == ""
        if not isinstance(upstream, Written) or upstream.path.suffix == ".json":
            assert bell["tier"] is None

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (True, "true"),
            (False, "false"),
            (7, "7"),
            (10**15, "1000000000000000"),
            (date(2026, 11, 21), "2026-11-21"),
            (" as it stands ", " as it stands "),
            ("007", "007"),
            ("10.00", "10.00"),
        ],
    )
    def test_a_value_is_the_same_text_from_everywhere(self, upstream: Upstream, value: Any, text: str) -> None:
        upstream.put([{"id": "a-1", "value": value}])
        if isinstance(value, bool) and isinstance(upstream, Queried) and upstream.dialect == "sqlite":
            text = str(int(value))  # it has numbers alone
        assert told(upstream.source(("id", "value"))) == [{"id": "a-1", "value": text}]

    def test_the_case_of_a_columns_name_does_not_matter_where_it_is_clear(self, upstream: Upstream) -> None:
        upstream.put([ACME], ["ID", "Company", "Tier", "Domains", "secret"])
        assert told(upstream.source())[0]["company"] == "Acme GmbH"

    def test_a_missing_column_is_named_with_those_there_are(self, upstream: Upstream) -> None:
        upstream.put([ACME])
        words = refused(upstream.source((*IN_USE, "plan", "seats")), "columns")
        assert "the column 'plan' is missing; the column 'seats' is missing" in words
        assert "There are: id, company, tier, domains, secret" in words

    def test_a_listing_of_nobody_never_means_that_all_left(self, upstream: Upstream) -> None:
        upstream.put([])
        assert "told of no customer at all, which never means that all of them left" in refused(
            upstream.source(), "incomplete"
        )

    def test_fewer_than_can_be_believed_are_an_error_that_says_what_to_do(self, upstream: Upstream) -> None:
        upstream.put([ACME, BELL])
        assert len(told(upstream.source(at_least=2))) == 2
        words = refused(upstream.source(at_least=3), "incomplete")
        assert "2 customers; its at_least says 3. Nothing was changed." in words

    def test_a_value_of_any_length_is_told_and_rejected_elsewhere(self, upstream: Upstream) -> None:
        upstream.put([ACME, {**BELL, "company": "x" * 130_000}])
        assert [len(one["company"] or "") for one in told(upstream.source())] == [9, 130_000]

    def test_it_says_what_it_is_and_how_old_it_is(self, upstream: Upstream) -> None:
        upstream.put([ACME])
        upstream.clock.move(timedelta(hours=3))
        source = upstream.source()
        assert source.name == "crm"
        assert source.title.startswith("crm (")
        assert not source.by_cursor
        assert source.as_of() == (START if isinstance(upstream, Written) else upstream.clock.now())

    def test_it_is_read_anew_each_time(self, upstream: Upstream) -> None:
        upstream.put([ACME, BELL])
        source = upstream.source()
        assert len(told(source)) == 2
        upstream.put([BELL])
        assert [one["id"] for one in told(source)] == ["b-2"]

    def test_it_may_be_left_in_the_middle(self, upstream: Upstream) -> None:
        upstream.put([ACME, BELL])
        source = upstream.source()
        rows = source.rows(None)
        next(rows)
        rows.close()  # type: ignore[attr-defined]  # every source is a generator
        assert len(told(source)) == 2


class TestCommas(SourceContract):
    @pytest.fixture
    def upstream(self, tmp_path: Path) -> Written:
        return Written(path=tmp_path / "accounts.csv")


class TestSemicolons(SourceContract):
    @pytest.fixture
    def upstream(self, tmp_path: Path) -> Written:
        return Written(path=tmp_path / "accounts.CSV", delimiter=";")


class TestJson(SourceContract):
    @pytest.fixture
    def upstream(self, tmp_path: Path) -> Written:
        return Written(path=tmp_path / "accounts.json")


@pytest.fixture
def queried(database_url: str) -> Queried:
    """Both databases, one after the other."""
    return Queried(url=database_url)


class TestSql(SourceContract):
    @pytest.fixture
    def upstream(self, queried: Queried) -> Queried:
        return queried


@pytest.fixture
def table(tmp_path: Path) -> Written:
    return Written(path=tmp_path / "accounts.csv")


@pytest.fixture
def listed(tmp_path: Path) -> Written:
    return Written(path=tmp_path / "accounts.json")


class TestFiles:
    """What can be wrong with a file."""

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("", "the file is empty"),
            ("\ufeff\r\n", "the file is empty"),
            ("id,tier\na-1,ent", "its last line has no end, so it was cut"),
            ("id,tier\na-1,ent\nb-2\n", "line 3: 1 values, but the header has 2 columns; it begins with 'b-2'"),
            ("id,tier\na-1,ent,pro\n", "line 2: 3 values"),
            ('id,tier\na-1,"ent\n', "line 2: "),
            (b"id,tier\na-1,\xe6nt\n", "line 2: this is not UTF-8 text (byte 12)"),
            ("id,tier\na-1,ent\n".encode("utf-16"), "line 1: this is not UTF-8 text (byte 0)"),
            (b"id,tier\na-1,ent\n\0\0\0\0\n", "line 3: this is no text, it holds a zero byte"),
            (f"id,tier\na-1,{'x' * 1_100_000}\n", "line 2: field larger than field limit"),
        ],
    )
    def test_a_table_that_is_wrong_says_where(self, table: Written, content: str | bytes, words: str) -> None:
        table.write(content)
        assert f"crm (accounts.csv): {words}" in refused(table.source(("id", "tier")), "incomplete")

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("", "the file is empty"),
            ('[{"id": "a-1", "tier": "ent"},', "line 1: this is not valid JSON"),
            ('{"accounts": []}', "this is not a JSON array with an object for each row"),
            ('["a-1"]', "this is not a JSON array with an object for each row"),
            ('[{"id": "a-1", "tier": "ent", "tier": "pro"}]', "says 'tier' twice"),
            ("[" * 100_000, "nested too deeply"),
        ],
    )
    def test_json_that_is_wrong_says_where(self, listed: Written, content: str, words: str) -> None:
        listed.write(content)
        assert words in refused(listed.source(("id", "tier")), "incomplete")

    def test_an_object_in_the_place_of_a_value_is_an_error_that_names_it(self, listed: Written) -> None:
        listed.write('[{"id": 1, "tier": "ent"}, {"id": 2, "tier": {"name": "pro"}}]')
        assert "row 2: tier is a dict, not a single value" in refused(listed.source(("id", "tier")), "columns")
        assert len(told(listed.source(("id",)))) == 2

    def test_json_with_its_own_types(self, listed: Written) -> None:
        listed.write('[{"id": 7, "seats": 1.50, "domains": ["a.example", "b.example"]}, {"id": 8, "domains": null}]')
        assert told(listed.source(("id", "seats", "domains"))) == [
            {"id": "7", "seats": "1.50", "domains": "a.example, b.example"},
            {"id": "8", "seats": None, "domains": None},
        ]

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    @pytest.mark.parametrize("between", [",", ";"])
    def test_ends_of_lines_marks_and_delimiters(self, table: Written, end: str, mark: str, between: str) -> None:
        lines = (between.join(line) for line in (("id", "tier"), ("a-1", "ent"), ("", ""), ("b-2", "pro")))
        table.write(mark + end.join([*lines, "", ""]))
        assert told(table.source(("id", "tier"))) == [
            {"id": "a-1", "tier": "ent"}, {"id": "", "tier": ""}, {"id": "b-2", "tier": "pro"},
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("header", "clear"), [("id,tier,tier", False), ("id,Tier,TIER", False), ("id,tier,Tier", True)]
    )
    def test_a_column_that_is_there_twice(self, table: Written, header: str, clear: bool) -> None:
        """One that is written exactly as asked for is meant, whatever stands beside it."""
        table.write(f"{header}\na-1,ent,pro\n")
        if clear:
            assert told(table.source(("id", "tier"))) == [{"id": "a-1", "tier": "ent"}]
        else:
            words = "line 1: the column 'tier' is there twice. There are: id, "
            assert words in refused(table.source(("id", "tier")), "columns")
        assert told(table.source(("id",))) == [{"id": "a-1"}]

    def test_one_that_is_too_old_is_an_error(self, table: Written) -> None:
        table.put([ACME])
        source = table.source(max_age=timedelta(hours=26))
        table.clock.move(timedelta(hours=26))
        assert len(told(source)) == 1
        table.clock.move(timedelta(seconds=1))
        assert "longer than 1 d 2 h ago (customers.sources.max_age)" in refused(source, "incomplete")

    def test_one_that_is_not_there_may_come_yet(self, table: Written) -> None:
        for ask in (lambda: list(table.source().rows(None)), table.source().as_of):
            with pytest.raises(Unavailable, match=r"\(customers\.sources\.path\) cannot be read"):
                ask()

    def test_one_that_is_being_written_is_not_taken(self, table: Written, monkeypatch: pytest.MonkeyPatch) -> None:
        table.put([ACME])
        look = os.fstat

        def grown(descriptor: int) -> os.stat_result:
            found = look(descriptor)
            with table.path.open("a") as more:
                more.write("x")
            return found

        monkeypatch.setattr("os.fstat", grown)
        with pytest.raises(Unavailable, match="is being written"):
            list(table.source().rows(None))

    @given(cut=st.integers(0, 200), json_too=st.booleans())
    def test_one_cut_anywhere_is_an_error_or_whole(
        self, tmp_path_factory: pytest.TempPathFactory, cut: int, json_too: bool
    ) -> None:
        """Between two lines a table looks whole, and only `at_least` tells; no value is ever cut."""
        file = Written(path=tmp_path_factory.mktemp("cut") / ("accounts.json" if json_too else "accounts.csv"))
        file.put([ACME, BELL])
        whole, content = told(file.source()), file.path.read_bytes()
        file.write(content[:cut])
        with suppress(Rejected):
            assert told(file.source(at_least=2)) == whole
        with suppress(Rejected):
            found = told(file.source())
            assert found == whole[: len(found)]


def since(moment: datetime) -> str:
    return encoded(moment)


SINCE = "select * from accounts where (:since is null or changed >= :since) order by id desc"


class TestCursors:
    """What changed since."""

    CHANGES = (
        (9, 10, 11),
        (Decimal("9.5"), Decimal("10.25"), Decimal(11)),
        (9.5, 10.25, 11.0),
        ("2026-11-09", "2026-11-10", "2026-11-11"),
        (date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11)),
        tuple(NAIVE - timedelta(days=days, microseconds=1) for days in (11, 10, 9)),
        tuple(START - timedelta(days=days, microseconds=1) for days in (11, 10, 9)),
    )

    @pytest.mark.parametrize("values", CHANGES, ids=lambda values: type(values[0]).__name__)
    def test_a_look_begins_with_the_cursors_own_value(self, queried: Queried, values: tuple[Any, ...]) -> None:
        queried.put([{"id": f"a-{number}", "changed": one} for number, one in enumerate(values)])
        source = queried.source(("id",), query=SINCE, cursor="changed")
        assert source.by_cursor
        rows = list(source.rows(None))
        assert [row.columns["id"] for row in rows] == ["a-2", "a-1", "a-0"]
        cursors = {row.cursor for row in rows}
        assert len(cursors) == 1, "the greatest comes first here, and none after it takes it back"
        cursor = rows[-1].cursor
        assert [one["id"] for one in told(source, cursor)] == ["a-2"]
        queried.add({"id": "a-3", "changed": values[2]})
        assert [one["id"] for one in told(source, cursor)] == ["a-3", "a-2"]

    def test_a_row_without_a_value_is_in_every_whole_listing_and_moves_nothing(self, queried: Queried) -> None:
        queried.put([{"id": "a-1", "changed": 9}, {"id": "b-2", "changed": None}])
        source = queried.source(("id",), query=SINCE, cursor="changed")
        assert [row.cursor for row in source.rows(None)] == ["", "integer 9"]
        assert [(row.columns["id"], row.cursor) for row in source.rows("integer 9")] == [("a-1", "integer 9")]

    def test_without_a_cursor_each_look_is_a_whole_listing(self, queried: Queried) -> None:
        queried.put([{"id": "a-1", "changed": 9}])
        (row,) = queried.source(("id",), query=SINCE).rows("integer 10")
        assert (row.columns, row.cursor) == ({"id": "a-1"}, "")

    def test_nothing_new_is_no_error(self, queried: Queried) -> None:
        queried.put([{"id": "a-1", "changed": 9}])
        assert told(queried.source(("id",), query=SINCE, cursor="changed", at_least=1), "integer 10") == []

    def test_a_cursor_of_something_else_is_refused(self, queried: Queried) -> None:
        queried.put([{"id": "a-1", "changed": 9}])
        source = queried.source(("id",), query=SINCE, cursor="changed")
        for wrong in ("9", "integer nine", "moment soon"):
            assert "is no cursor of this source" in refused(source, "cursor", wrong)
        missing = queried.source(("id",), query=SINCE, cursor="altered")
        assert "the column 'altered' is missing" in refused(missing, "columns")

    def test_words_are_no_cursor(self, queried: Queried) -> None:
        queried.put([{"id": "a-1", "changed": "Ärger"}])
        words = refused(queried.source(("id",), query=SINCE, cursor="changed"), "columns")
        assert "a cursor is a number, a time, or a text of digits and signs" in words


VALUES = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.decimals(allow_nan=False), st.dates(), st.binary(max_size=9),
    st.datetimes(LONG_AGO), st.datetimes(LONG_AGO, timezones=st.just(UTC)),
    st.from_regex(r"[0-9TZ:.,+/ _-]{0,20}", fullmatch=True),
)  # fmt: skip


@given(VALUES)
def test_a_cursor_comes_back_as_it_was(value: Any) -> None:
    back = decoded(encoded(value))
    assert back == value
    assert type(back) is type(value)
    assert encoded(back) == encoded(value)
    assert begins_at(encoded(value)) == (value - OVERLAP if isinstance(value, datetime) else value)


@given(st.lists(st.one_of(st.integers(), st.decimals(allow_nan=False), st.floats(allow_nan=False)), min_size=1))
def test_the_furthest_is_the_greatest_in_whatever_order(values: list[Any]) -> None:
    furthest = Furthest(None, START)
    for one in values:
        furthest.saw(one)
    assert decoded(furthest.cursor) == max(values)


@pytest.mark.parametrize("far", [timedelta(hours=15), timedelta(days=40_000)])
@pytest.mark.parametrize("kind", ["instant", "moment", "day"])
def test_a_time_to_come_moves_nothing(kind: str, far: timedelta) -> None:
    def told(moment: datetime) -> Any:
        whole = {"instant": moment, "moment": moment.replace(tzinfo=None), "day": moment.date()}
        return whole[kind]

    furthest = Furthest(None, START)
    assert furthest.saw(told(START + far + timedelta(days=1))) == ""
    assert furthest.saw(told(START)) == encoded(told(START))
    assert furthest.saw(told(START + far + timedelta(days=1))) == encoded(told(START))
    ahead = told(START + timedelta(minutes=9))
    assert furthest.saw(ahead) == encoded(ahead), "clocks differ a little"


def test_numbers_and_texts_in_one_column_have_no_order() -> None:
    furthest = Furthest("integer 9", START)
    with pytest.raises(Exception, match="holds both integer and text values"):
        furthest.saw("10")


class TestStatements:
    """What is taken for a query."""

    @pytest.mark.parametrize(
        "query",
        [
            "select * from accounts",
            "  SELECT id -- drop it; all\nfrom accounts;  ",
            "with x as (select 1 as id) select * from x",
            "select 'insert; \\:y into' as id, \"update\" from accounts /* delete; */",
            "select id, last_update, deleted from accounts where x::text = 'a'",
            "select $$; delete$$ as id",
            SINCE,
            "select * from a where (:SINCE IS NULL or :since <= changed)".replace(":SINCE", ":since"),
        ],
    )
    def test_one_that_only_reads_is_taken(self, query: str) -> None:
        assert problem(query) == ""

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("", "one SELECT"),
            ("delete from accounts", "one SELECT"),
            ("select 1; select 2", "one SELECT"),
            ("select 1; drop table accounts", "one SELECT"),
            ("/* select */ drop table accounts", "one SELECT"),
            ("selected", "one SELECT"),
            ("explain analyze select 1", "one SELECT"),
            ("with x as (delete from accounts returning *) select * from x", "it says DELETE"),
            ("with x as (update accounts set id = 1 returning *) select * from x", "it says UPDATE"),
            ("select * into copied from accounts", "it says INTO"),
            ("select * from accounts for update", "it says UPDATE"),
            ("select * from accounts for share", "it says SHARE"),
            ("select * from accounts where id = :id", ":id is taken for a parameter"),
            ("select * from accounts where changed > :since", "> passes over rows"),
            ("select * from accounts where :since is null or changed>:since", "> passes over rows"),
            ("select * from accounts where :since is null or :since < changed", "> passes over rows"),
            ("select * from accounts where changed >= :since", "write (:since is null or"),
        ],
    )
    def test_any_other_is_refused_in_words(self, query: str, words: str) -> None:
        assert words in problem(query)
        with pytest.raises(ValueError, match="the query is not taken: "):
            CustomersSql("crm", "sqlite:///x.db", query, IN_USE, FakeClock().now)


class TestDatabases:
    """What can be wrong with a database."""

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("select * from nowhere", "nowhere"),
            ("select id from from accounts", "from"),
            ("select 1 +", "refused the query"),
        ],
    )
    def test_a_query_that_is_wrong_is_not_tried_again(self, queried: Queried, query: str, words: str) -> None:
        with pytest.raises(Rejected, match=words) as raised:
            list(queried.source(query=query).rows(None))
        assert "refused the query" in str(raised.value)
        assert raised.value.code

    def test_nothing_can_be_written_even_by_a_function(self, queried: Queried) -> None:
        """The words of a query are looked at, but the transaction itself forbids it."""
        queried.put([ACME])
        source = queried.source()
        source._all = text("insert into accounts (id) values ('z-9')")
        with pytest.raises(Rejected, match=r"read.?only|syntax error"):
            list(source.rows(None))
        assert queried.count() == 1

    def test_a_type_that_is_no_value_is_named(self, queried: Queried) -> None:
        queried.put([ACME])
        document = "x'00ff'" if queried.dialect == "sqlite" else "'{\"a\": 1}'::jsonb"
        words = refused(queried.source(("id", "tier"), query=f"select id, {document} as tier from accounts"), "columns")
        assert "row 1: tier is a " in words

    def test_two_columns_of_one_name_are_no_matter_where_they_are_not_used(self, queried: Queried) -> None:
        queried.put([ACME])
        joined = "select a.id as id, a.tier, b.tier from accounts a join accounts b on a.id = b.id"
        assert "'tier' is there twice" in refused(queried.source(("id", "tier"), query=joined), "columns")
        assert told(queried.source(("id",), query=joined)) == [{"id": "a-1"}]

    def test_ten_thousand_rows_come_in_parts(self, queried: Queried) -> None:
        queried.put([{"id": 1}])
        many = "with recursive n(id) as (select 1 union all select id + 1 from n where id < 10000) select id from n"
        rows = list(queried.source(("id",), query=many, at_least=10_000).rows(None))
        assert rows[-1] == SourceRow("row 10,000", {"id": "10000"})

    def test_the_engine_keeps_no_connection(self, queried: Queried) -> None:
        queried.put([ACME])
        source = queried.source()
        told(source)
        with closing(Database(queried.url)) as database, database.read() as session:
            if queried.dialect == "postgresql":
                others = "select count(*) from pg_stat_activity where application_name = 'handoff'"
                mine = "and pid <> pg_backend_pid() and datname = current_database()"
                assert session.execute(text(f"{others} {mine}")).scalar_one() == 0


class TestSqlite:
    def test_a_file_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        source = Queried(url=f"sqlite:///{tmp_path / 'none.db'}").source()
        with pytest.raises(Unavailable, match="unable to open database file"):
            list(source.rows(None))
        assert not (tmp_path / "none.db").exists()

    def test_a_file_that_is_no_database_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "crm.db").write_bytes(b"no database at all" * 100)
        with pytest.raises(Rejected, match="not a database"):
            list(Queried(url=f"sqlite:///{tmp_path / 'crm.db'}").source().rows(None))

    def test_one_that_is_cut_in_the_middle_is_an_error(self, tmp_path: Path) -> None:
        queried = Queried(url=f"sqlite:///{tmp_path / 'crm.db'}")
        queried.put([{"id": f"{number}", "company": "x" * 900} for number in range(2_000)])
        rows = queried.source(("id",)).rows(None)
        next(rows)
        os.truncate(tmp_path / "crm.db", (tmp_path / "crm.db").stat().st_size // 2)
        with pytest.raises(AdapterError, match=r"crm \(SQLite\)"):
            list(rows)

    def test_one_that_is_locked_is_tried_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(WAITS, "pysqlite", {"timeout": 0})
        queried = Queried(url=f"sqlite:///{tmp_path / 'crm.db'}")
        queried.put([ACME])
        with closing(sqlite3.connect(tmp_path / "crm.db")) as other:
            other.execute("begin exclusive")
            with pytest.raises(Unavailable, match=r"locked.*It is tried again\."):
                list(queried.source().rows(None))

    def test_a_path_with_signs_of_a_url(self, tmp_path: Path) -> None:
        path = tmp_path / "crm #1 50%.db"
        with closing(sqlite3.connect(path)) as made:
            made.execute("create table accounts (id)")
            made.execute("insert into accounts values ('a-1')")
            made.commit()
        assert told(Queried(url=f"sqlite:///{path}").source(("id",))) == [{"id": "a-1"}]


@pytest.fixture
def server(database_url: str) -> Queried:
    """PostgreSQL alone."""
    return Queried(url=database_url)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestPostgresql:
    def test_values_of_its_own_types(self, server: Queried) -> None:
        values = (
            "1.50::numeric as a, 1e20::float8 as b, 'infinity'::float8 as c, array['x.example', 'y.example'] as d, "
            "'2026-11-21 03:14+01'::timestamptz as e, '2026-11-21 03:14'::timestamp as f, '03:14'::time as g, "
            "'6f1e6a52-0000-4000-8000-000000000001'::uuid as h, 'x'::char(3) as i, (-0.0)::float8 as j, "
            "100::numeric as k"
        )
        (found,) = told(server.source(tuple("abcdefghijk"), query=f"select {values}"))
        assert tuple(found.values()) == (
            "1.5", "100000000000000000000", "inf", "x.example, y.example", "2026-11-21T02:14:00+00:00",
            "2026-11-21T03:14:00", "03:14:00", "6f1e6a52-0000-4000-8000-000000000001", "x  ", "0", "100",
        )  # fmt: skip

    def test_a_moment_is_looked_for_a_little_before(self, server: Queried) -> None:
        """Its transaction may have been committed after a later one."""
        moment = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
        server.put([{"id": "a-1", "changed": moment}, {"id": "b-2", "changed": moment - OVERLAP},
                     {"id": "c-3", "changed": moment - OVERLAP - timedelta(seconds=1)}])  # fmt: skip
        found = list(server.source(("id",), query=SINCE, cursor="changed").rows(since(moment)))
        assert [row.columns["id"] for row in found] == ["b-2", "a-1"]
        assert found[-1].cursor == since(moment)

    def test_a_connection_cut_in_the_middle_is_an_error(self, server: Queried) -> None:
        source = server.source(("id",), query="select id from generate_series(1, 100000) as n(id)")
        rows = source.rows(None)
        assert next(rows).columns == {"id": "1"}
        with server.writing() as connection:
            theirs = "from pg_stat_activity where application_name = 'handoff' and datname = current_database()"
            cut = connection.execute(text(f"select pg_terminate_backend(pid) {theirs}"))
            assert cut.scalars().all() == [True]
        with pytest.raises(Unavailable, match=r"could not be read, or not to its end: .*It is tried again\."):
            list(rows)

    def test_an_error_in_the_middle_is_an_error(self, server: Queried) -> None:
        rows = server.source(("id",), query="select 1 / (5000 - id) as id from generate_series(1, 9000) as n(id)").rows(
            None
        )
        next(rows)
        with pytest.raises(Rejected, match="division by zero") as raised:
            list(rows)
        assert raised.value.code == "22012"

    def test_one_that_takes_too_long_is_tried_again(self, server: Queried, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(BEFORE_READING, "postgresql", ("SET LOCAL statement_timeout = '50ms'",))
        with pytest.raises(Unavailable, match="statement timeout"):
            list(server.source(("id",), query="select pg_sleep(30)::text as id").rows(None))

    def test_what_its_user_may_not_read_is_refused(self, server: Queried) -> None:
        server.put([ACME])
        with server.writing() as connection:
            connection.execute(text("create role reader_of_nothing login password 'hunter2-hunter2'"))
        try:
            url = make_url(server.url).set(username="reader_of_nothing", password="hunter2-hunter2")
            source = Queried(url=url.render_as_string(hide_password=False)).source()
            with pytest.raises(Rejected, match="permission denied") as raised:
                list(source.rows(None))
            assert "hunter2" not in str(raised.value)
        finally:
            with server.writing() as connection:
                connection.execute(text("drop role reader_of_nothing"))

    def test_writing_by_a_function_is_refused_too(self, server: Queried) -> None:
        server.put([ACME])
        with server.writing() as connection:
            connection.execute(
                text("create function sly() returns int language sql as 'delete from accounts; select 1'")
            )
        with pytest.raises(Rejected, match="read-only transaction"):
            list(server.source(("id",), query="select sly() as id").rows(None))
        assert server.count() == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "not a database URL"),
        ("sqlite://", "an SQLite source is a file"),
        ("sqlite:///:memory:", "an SQLite source is a file"),
        ("papyrus://me:hunter2@host/x", "no database is called 'papyrus' here"),
        ("oracle://me:hunter2@host/x", "the driver of oracle is not installed here"),
        ("postgresql+asyncpg://me:hunter2@host/x", "postgresql"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        Queried(url=url).source()
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["postgresql://me:p@host/x", "mysql://host/x?password=p", "mysql://host/x?ssl_passphrase=p"]
)
def test_words_that_hold_a_password_are_not_told(url: str) -> None:
    assert without_password("no such option", make_url(url)) == "it said something that holds its password"
    assert without_password("no luck", make_url(url)) == "no luck"


def test_a_server_that_is_not_there_is_tried_again_and_shows_no_password() -> None:
    source = Queried(url="postgresql://me:hunter2@127.0.0.1:1/crm").source()
    with pytest.raises(Unavailable) as raised:
        list(source.rows(None))
    assert "could not be read" in str(raised.value)
    assert "hunter2" not in str(raised.value)
