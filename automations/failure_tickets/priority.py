"""How urgent a case is, as a sum anybody can check: points for what stands still, for whom, and how many.

The default points and thresholds (all settable under `[failure_tickets.priority]`):
  blocked work 3; a paid workflow stopped 3; 10 customers or more 1, 100 or more 2, 1,000 or more 3;
  tier enterprise 2, business 1, any other 0.
  6 points are urgent, 3 high, 1 normal; no point at all is low. A source that fell silent gets what normal takes.
The reasons `data_blocked` and `paid_workflow_stopped` say the same as the two impact fields, so either counts once.
No points are negative, so a greater impact never gives a lower priority.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from automations.domain import Priority
from automations.failure_tickets.event import Impact, Reason

Points = Annotated[int, Field(ge=0, le=100)]


class PriorityRules(BaseModel):
    """Points and thresholds. Tiers are compared in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    blocked: Points = Field(3, description="Points for blocked data or work")
    paid_workflow: Points = Field(3, description="Points for a stopped paid workflow")
    customers: tuple[tuple[Annotated[int, Field(ge=1)], Points], ...] = Field(
        ((10, 1), (100, 2), (1000, 3)), description="Pairs of a number of customers and the points from there on"
    )
    tiers: Mapping[str, Points] = Field({"enterprise": 2, "business": 1}, description="Points per customer tier")
    normal_from: Annotated[int, Field(ge=0)] = Field(1, description="Points from which a case is normal")
    high_from: Annotated[int, Field(ge=0)] = Field(3, description="Points from which a case is high")
    urgent_from: Annotated[int, Field(ge=0)] = Field(6, description="Points from which a case is urgent")

    @field_validator("tiers")
    @classmethod
    def _tiers_in_lower_case(cls, tiers: Mapping[str, int]) -> Mapping[str, int]:
        lowered = {tier.strip().lower(): points for tier, points in tiers.items()}
        if len(lowered) < len(tiers):
            raise ValueError("a tier is named twice")
        return lowered

    @model_validator(mode="after")
    def _scales_rise(self) -> Self:
        counts, points = [count for count, _ in self.customers], [points for _, points in self.customers]
        if sorted(set(counts)) != counts or sorted(points) != points:
            raise ValueError("customers must rise in both numbers, as in [[10, 1], [100, 2]]")
        if not self.normal_from <= self.high_from <= self.urgent_from:
            raise ValueError("the thresholds must rise: normal_from, high_from, urgent_from")
        return self


@dataclass(frozen=True, slots=True)
class Assessment:
    """A priority and how it came about: (label, points) in the order they were added up.

    A priority that a rule fixed has one line, ("set by rule NAME", 0), and `fixed` is true.
    """

    priority: Priority
    points: tuple[tuple[str, int], ...]
    fixed: bool = False

    @property
    def total(self) -> int:
        """The sum of all points."""
        return sum(points for _, points in self.points)

    @property
    def in_words(self) -> str:
        """`blocked 3 + paid workflow 3 + tier enterprise 2 = 8 → urgent`."""
        return arithmetic_in_words(self.points, self.priority)


def priority(impact: Impact, reason: Reason, tier: str = "", rules: PriorityRules | None = None) -> Assessment:
    """Add up the points. `tier` is the sender's word, empty if there is none; `rules` are the defaults if not given."""
    rules = PriorityRules() if rules is None else rules
    lines: list[tuple[str, int]] = []
    if impact.blocked or reason is Reason.DATA_BLOCKED:
        lines.append(("blocked", rules.blocked))
    if impact.paid_workflow or reason is Reason.PAID_WORKFLOW_STOPPED:
        lines.append(("paid workflow", rules.paid_workflow))
    if reason is Reason.SILENT:
        lines.append(("source fell silent", rules.normal_from))
    reached = [points for count, points in rules.customers if impact.customers >= count]
    if reached:
        lines.append((f"{impact.customers:,} customers", reached[-1]))
    if tier and (points := rules.tiers.get(tier.strip().lower(), 0)):
        lines.append((f"tier {tier.strip().lower()}", points))
    return Assessment(_word(sum(points for _, points in lines), rules), tuple(lines))


def fixed_by(rule: str, word: Priority) -> Assessment:
    """Keep to the priority that a rule sets whatever the impact is."""
    return Assessment(word, ((f"set by rule {rule}", 0),), fixed=True)


def arithmetic_in_words(points: tuple[tuple[str, int], ...], word: Priority) -> str:
    """Write the sum as one line for people. Lines without points, as of a fixed priority, stand without a number."""
    if not points:
        return f"nothing known of its impact → {word.value}"
    terms = " + ".join(f"{label} {count}" if count else label for label, count in points)
    total = sum(count for _, count in points)
    return f"{terms} = {total} → {word.value}" if total else f"{terms} → {word.value}"


def _word(total: int, rules: PriorityRules) -> Priority:
    if total >= rules.urgent_from:
        return Priority.URGENT
    if total >= rules.high_from:
        return Priority.HIGH
    return Priority.NORMAL if total >= rules.normal_from else Priority.LOW
