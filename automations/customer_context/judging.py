"""One customer as a whole: new, gone, back, or compared field by field. Pure."""

from automations.customer_context.comparing import Verdict, compare, take
from automations.customer_context.found import WHOLE, WINS_SOURCE, Found, Sides
from automations.customer_context.rules import ACTIVE, DESK, NAME, STATUS, SUSPENDED, CustomerField
from automations.customer_context.values import ChangeKind, ConflictKind


def look(sides: Sides, found: Found) -> None:
    """Find everything about one customer whom nothing makes doubtful.

    Whoever is new is added with all that was told, if anything was; who was never in the desk nor said yes to and is
    gone is nobody.
    """
    terms = found.terms
    if sides.desk is None and (terms.keeps or not sides.established):
        if sides.absent:
            if sides.established:
                _status(sides, found)
        elif sides.source and not sides.unread:
            found.change(sides, ChangeKind.ADDED, WHOLE, "", "", _values(sides, found))
        return
    if sides.desk is not None:
        take(sides, found)
        _reference(sides, found)
    if not sides.absent:
        _fields(sides, found)
    _status(sides, found)
    if sides.desk is not None:
        _in_force(sides, found)


def _values(sides: Sides, found: Found) -> tuple[tuple[str, str], ...]:
    """What a new customer is made of, in the order of the settings. Desks make active ones."""
    told = []
    for one in found.terms.rules.fields:
        value = sides.source.get(one.name)
        if one.name == STATUS and one.source != DESK:
            told.append((STATUS, value or ACTIVE))
        elif value is not None and one.source != DESK:
            told.append((one.name, value))
    return tuple(told)


def _reference(sides: Sides, found: Found) -> None:
    """The desk's customer bears our account id. Another system's id is nobody's to overwrite without being asked."""
    assert sides.desk is not None, "a reference is read in the desk"
    shown = sides.desk.reference
    if not found.terms.references or sides.absent or shown == sides.account:
        return
    if shown:
        found.conflict(sides, ConflictKind.DIFFERS, WHOLE, (sides.account, shown), winner=WINS_SOURCE)
    else:
        found.change(sides, ChangeKind.LINKED, WHOLE, "", sides.account)


def _fields(sides: Sides, found: Found) -> None:
    source, desk = sides.source, sides.desk.values if sides.desk is not None else {}
    for one in found.terms.in_desk:
        told, shown, agreed = source.get(one.name), desk.get(one.name, ""), sides.base.get(one.name)
        if told is None or told == shown == agreed:
            continue
        if compare(one, told, shown, agreed, sides, found) is Verdict.AGREED:
            sides.agree(one.name, told)
    for one in found.terms.here:
        told, here = source.get(one.name), sides.kept.get(one.name, "")
        if told is not None and told != here:
            compare(one, told, here, here, sides, found)


def _status(sides: Sides, found: Found) -> None:
    """Whoever is gone gets the settings' status for it, in the desk where it lives there and a desk knows the word.

    Whoever is back gets what the source says, else active if nothing but being gone had suspended them.
    """
    field, gone = found.terms.status, found.terms.rules.gone
    if (field is not None and field.source == DESK) or (sides.absent and gone == ACTIVE):
        return
    if found.terms.status_in_desk and sides.desk is None and gone == SUSPENDED:
        return  # there is nobody in the desk to suspend; that they are gone is known all the same
    here = sides.kept.get(STATUS) or ACTIVE
    told = sides.source.get(STATUS, "") if field is not None else ""
    if field is not None and found.terms.status_in_desk and sides.desk is not None:
        ours = gone not in (ACTIVE, SUSPENDED)
        if not (ours and (sides.absent or here == gone)):
            _status_in_desk(field, told, sides, found)
            return
        if not sides.absent:
            _back_from_our_word(field, told, here, sides, found)
            return
        here = here if here == gone else sides.desk.values.get(STATUS) or ACTIVE
    if sides.absent:
        kind, after = ChangeKind.SUSPENDED, gone
    else:
        back = here == gone != ACTIVE and (sides.returned or field is None)
        kind, after = (ChangeKind.RESUMED, told or ACTIVE) if back else (ChangeKind.CHANGED, told)
    if after and after != here:
        found.change(sides, kind, STATUS, here, after)
    elif not after and field is not None and STATUS in sides.source:
        found.blanks[STATUS] += 1


def _status_in_desk(field: CustomerField, told: str, sides: Sides, found: Found) -> None:
    shown = sides.desk.values.get(STATUS) or ACTIVE if sides.desk is not None else ACTIVE
    agreed = sides.base.get(STATUS)
    if sides.absent:
        told, agreed, kind = SUSPENDED, agreed or shown, ChangeKind.SUSPENDED
    elif sides.returned and shown == found.terms.rules.gone:
        told, agreed, kind = told or ACTIVE, agreed or shown, ChangeKind.RESUMED
    elif STATUS in sides.source:
        kind = ChangeKind.CHANGED
    else:
        return
    if compare(field, told, shown, agreed, sides, found, kind) is Verdict.AGREED:
        sides.agree(STATUS, told)


def _back_from_our_word(field: CustomerField, told: str, here: str, sides: Sides, found: Found) -> None:
    """Our word for gone, which no desk knows, goes where the source's status stands in the desk already.

    It was never in the desk, so it is nothing that source and desk had agreed on.
    """
    shown = sides.desk.values.get(STATUS) or ACTIVE if sides.desk is not None else ACTIVE
    agreed = sides.base.get(STATUS)
    if told and compare(field, told, shown, shown if agreed == here else agreed, sides, found) is not Verdict.AGREED:
        sides.keep(STATUS, shown)
        return
    if told:
        sides.agree(STATUS, told)
    found.change(sides, ChangeKind.RESUMED, STATUS, here, shown)


def _in_force(sides: Sides, found: Found) -> None:
    """What lives in the desk is in force as the desk shows it; so is its name, where no field says another."""
    assert sides.desk is not None, "only a customer of the desk is in force there"
    terms, shown = found.terms, sides.desk.values
    for one in terms.in_desk:
        if (value := shown.get(one.name, "")) != sides.kept.get(one.name):
            sides.keep(one.name, value)
    if terms.rules.field(NAME) is None:
        sides.keep(NAME, shown.get(NAME, ""))
    ours = terms.rules.gone not in (ACTIVE, SUSPENDED) and sides.kept.get(STATUS) == terms.rules.gone
    if terms.status_in_desk and not ours:
        sides.keep(STATUS, shown.get(STATUS) or ACTIVE)
