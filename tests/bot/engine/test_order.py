"""Order and pace: one thing at a time in a channel, in order, at most one start per 1.1 seconds."""

import threading
from functools import partial

import pytest
from sqlalchemy import text

from automations.errors import Rejected, Unavailable
from bot.engine import Args
from storage.engine import Database
from tests.bot.engine.world import Script, running, spec, stuck_items, until


def _called(posts: Script, times: int) -> bool:
    return len(posts.calls) == times


sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.slow
def test_five_channels_keep_order_and_pace_beside_each_other(database: Database) -> None:
    posts = Script(lambda _args, _n: None)
    with running(database, spec("post", posts, queue="slack")) as engine:
        for n in range(8):
            with database.begin() as session:
                for channel in range(5):
                    engine.enqueue(session, "post", f"{channel}/{n}", {"channel": f"C{channel}", "n": n})
        until(lambda: len(posts.calls) == 40, within_s=30)
    for channel in range(5):
        mine = [(at, args["n"]) for at, args in posts.calls if args["channel"] == f"C{channel}"]
        assert [n for _, n in mine] == list(range(8))
        assert mine[-1][0] - mine[0][0] >= 7.0, "eight starts, 1.1 s between each; a slow machine may begin one late"
    firsts, lasts = ([at for at, args in posts.calls if args["n"] == n] for n in (0, 7))
    assert max(firsts) < min(lasts), "the channels waited for each other"


@sqlite_only
def test_a_start_that_lies_ahead_holds_no_channel_after_a_restart(database: Database) -> None:
    """The machine's clock was set back by five minutes meanwhile."""
    posts = Script(lambda _args, _n: None)
    for n in (1, 2):
        with running(database, spec("post", posts, queue="slack")) as engine:
            with database.begin() as session:
                engine.enqueue(session, "post", f"C1/{n}", {"channel": "C1", "n": n})
            until(partial(_called, posts, n))
        with database.begin() as session:
            session.execute(text("update workflow_status set started_at_epoch_ms = started_at_epoch_ms + 300000"))


def test_a_channel_waits_as_long_as_it_was_told_and_in_order_while_others_go_on(database: Database) -> None:
    def act(args: Args, number: int) -> None:
        if args == {"channel": "C1", "n": 1} and number == 1:
            raise Unavailable("slow down", system="slack", retry_after_s=3.0)

    posts = Script(act)
    with running(database, spec("post", posts, queue="slack")) as engine:
        for n in (1, 2):
            for channel in ("C1", "C2"):
                with database.begin() as session:
                    engine.enqueue(session, "post", f"{channel}/{n}", {"channel": channel, "n": n})
        until(lambda: len(posts.calls) == 5)
    first = [(at, args["n"]) for at, args in posts.calls if args["channel"] == "C1"]
    other = [at for at, args in posts.calls if args["channel"] == "C2"]
    assert [n for _, n in first] == [1, 1, 2]
    assert first[1][0] - first[0][0] >= 3.0
    assert first[2][0] - first[1][0] >= 1.0, "a wait in place must not bunch the next post"
    assert max(other) < first[1][0]


@sqlite_only
def test_what_is_refused_leaves_its_channel(database: Database) -> None:
    def act(args: Args, _number: int) -> None:
        if args["n"] == 1:
            raise Rejected("is_archived", system="slack", code="is_archived")
        if args["n"] == 2:
            raise Unavailable("down", system="slack", retry_after_s=0.2)

    posts = Script(act)
    with running(database, spec("post", posts, queue="slack", give_up_after_s=1.0)) as engine:
        for n in (1, 2, 3):
            with database.begin() as session:
                engine.enqueue(session, "post", f"k{n}", {"channel": "C1", "n": n})
        until(lambda: 3 in posts.order)
    refused, given_up = stuck_items(database)
    assert (refused.key, refused.reason) == ("k1", "is_archived")
    assert given_up.key == "k2"
    assert given_up.reason.startswith("down (tried ")


@sqlite_only
def test_desk_jobs_run_beside_each_other(database: Database) -> None:
    together = threading.Barrier(3, timeout=15)
    met: list[int] = []

    def act(_args: Args, _number: int) -> None:
        met.append(together.wait())

    with running(database, spec("desk", Script(act))) as engine:
        for n in range(3):
            with database.begin() as session:
                engine.enqueue(session, "desk", f"k{n}", {"n": n})
        until(lambda: len(met) == 3)
