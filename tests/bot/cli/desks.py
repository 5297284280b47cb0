"""A small desk where the settings name Zendesk, for tests of commands about desks."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desks.small import SmallDesk

SECTION = '\n[desk]\nkind = "freshdesk"\nurl = "https://desk.example"\nrequester = "handoff@team.example"\n'
Sign = Callable[..., SmallDesk]


@pytest.fixture
def sqlite_alone(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite alone: nothing here differs by database."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'handoff.db')}"


def raises(method: str, error: Exception, *, times: int = 1) -> Callable[[str], None]:
    """A flaw of a small desk: so many calls of this method raise."""
    left = [error] * times

    def flaw(name: str) -> None:
        if name == method and left:
            raise left.pop()

    return flaw
