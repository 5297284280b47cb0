"""What all sources tell of each account now, beside what they told before, and whether a source shrank. Pure."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping

from automations.customer_context.found import Sides
from automations.customer_context.matching import Claim
from automations.customer_context.rules import DESK, DOMAINS, CustomerRules
from automations.customer_context.values import Account, DeskSide, RejectedRow, Remembered
from automations.errors import Refused


class Told:
    """Everybody whom a source tells of now, or told of before; `names` are their account ids, in order."""

    def __init__(
        self,
        rules: CustomerRules,
        accounts: Mapping[str, Account],
        remembered: Mapping[str, Remembered],
        rejected: Iterable[RejectedRow],
        *,
        whole: bool,
    ) -> None:
        self.names = sorted(accounts.keys() | remembered.keys())
        self._rules, self._accounts, self._remembered, self._whole = rules, accounts, remembered, whole
        self._fields: dict[str, list[str]] = defaultdict(list)
        for field in rules.fields:
            if field.source != DESK:
                self._fields[field.source].append(field.name)
        self._unread: dict[str, set[str]] = defaultdict(set)
        for row in rejected:
            self._unread[row.row_key].add(row.source)

    def absent(self, account: str) -> bool:
        """Whether the account is gone: a whole listing of the sources lacks it, or lacked it and nobody told since."""
        return account not in self._accounts and (self._whole or self._remembered[account].gone)

    def source(self, account: str) -> dict[str, str]:
        """What the sources say of an account. What was not read this time is as it was told last."""
        told, known = self._accounts.get(account), self._remembered.get(account)
        if told is None or known is None:
            return told.values if told is not None else self._remembered[account].source
        if told.values == known.source:
            return known.source
        if not self._whole:
            return {**known.source, **told.values}
        unread = [name for source in self._unread.get(account, ()) for name in self._fields.get(source, ())]
        return {**{name: known.source[name] for name in unread if name in known.source}, **told.values}

    def claim(self, account: str) -> Claim:
        """What an account says of who it is."""
        told, known = self._accounts.get(account), self._remembered.get(account)
        domains = told.values.get(DOMAINS) if told is not None else None
        if domains is None:
            domains = self.source(account).get(DOMAINS, "")
        return Claim(known.desk_id if known is not None else None, domains, self.absent(account))

    def sides(self, account: str, desk: DeskSide | None, shown: Container[str]) -> Sides:
        """An account from all sides; `shown` are the ids of all customers that the desk shows.

        What it agreed on with another customer of the desk is no agreement with this one.
        """
        known = self._remembered.get(account)
        base = known.base if known is not None else {}
        link = known.desk_id if known is not None and known.desk_id not in shown else None
        if desk is not None:
            link = desk.id
            base = base if known is not None and known.desk_id == desk.id else {}
        return Sides(
            account=account,
            source=self.source(account),
            desk=desk,
            known=known,
            link=link,
            base=base,
            kept=known.kept if known is not None else {},
            absent=self.absent(account),
            unread=account in self._unread,
        )

    def shrunken(self, doubtful: Iterable[str]) -> str:
        """Sources that lack too many of the customers they had, in words; empty if none does.

        `doubtful` were told in a way that nobody could read. Raises: Refused where nothing is left of a listing.
        """
        if not self._whole:
            return ""
        if not self._accounts:
            raise Refused(
                "The sources list no customer at all, so nothing was compared and nothing was changed. "
                "Look whether they are empty, then plan the sync again."
            )
        unreadable = {*doubtful, *self._unread}
        words = []
        for source in sorted(self._fields):
            had, lacks = self._counted(source, unreadable)
            if had and lacks == had and not self._tells(source, unreadable):
                raise Refused(
                    f"{source} lists no customer any more and had {had}, so nothing was compared and nothing was "
                    "changed. Look whether it is empty, then plan the sync again."
                )
            if lacks > self._rules.brake.limit(had):
                words.append(f"{source} lacks {lacks} of the {had} customers that it had")
        return "; ".join(words)

    def _tells(self, source: str, unreadable: set[str]) -> bool:
        names = self._fields[source]
        return any(
            account in unreadable or any(name in told.values for name in names)
            for account, told in self._accounts.items()
        )

    def _counted(self, source: str, unreadable: set[str]) -> tuple[int, int]:
        names, had, lacks = self._fields[source], 0, 0
        for account, known in self._remembered.items():
            if known.gone or not any(name in known.source for name in names):
                continue
            had += 1
            told = self._accounts.get(account)
            if told is None or not (account in unreadable or any(name in told.values for name in names)):
                lacks += 1
        return had, lacks
