"""Rows of the figures that benchmarks show: that of the table, then those that earlier work promised."""

from tests.figures.row import Row

ROWS = (
    Row(
        number="1",
        what="Events of 1.5 KB accepted a second on SQLite, 16 connections, Slack and desk at 1 s a write",
        floor="200 a second with p99 < 250 ms",
        command=("bench", "ingest", "--seconds", "250"),
        minutes=9,
    ),
    Row(
        number="customers",
        what="Syncing 100,000 customers of whom 1 % changed",
        floor="planned in < 10 s and 300 MB beside reading; writes = changes",
        command=("bench", "customers"),
        minutes=6,
    ),
    Row(
        number="desk_import",
        what="Reading 10,000 tickets through each kind of desk",
        floor="all read, memory flat",
        command=("bench", "desk_import"),
        minutes=5,
    ),
    Row(
        number="engine",
        what="From commit to finished job, cost at rest, jobs a second",
        floor="none was set",
        command=("bench", "engine"),
        minutes=3,
    ),
    Row(
        number="escalation",
        what="Sweeping 5,000 open tickets for escalation once a minute",
        floor="< 2 s a sweep",
        command=("bench", "escalation", "--tickets", "5000"),
        minutes=3,
    ),
    Row(
        number="floor",
        what="What this machine gives at most: bare inserts, a bare endpoint, Alertmanager fed the same failures",
        floor="what the others are read beside",
        command=("bench", "floor", "--seconds", "20"),
        minutes=2,
    ),
    Row(
        number="latency",
        what="From a committed event to its Slack message, desk and Slack at 50 ms",
        floor="p50 < 1 s, p95 < 2 s",
        command=("bench", "latency"),
        minutes=4,
    ),
    Row(
        number="mirror",
        what="Reading 10,000 changes on, in a desk of 100,000 tickets",
        floor="< 30 s",
        command=("bench", "mirror", "--tickets", "100000"),
        minutes=8,
    ),
    Row(
        number="reconcile",
        what="Reconciling 50,000 people with 50,000 desk users, 500 findings",
        floor="< 10 s and 300 MB beside reading; calls = pages",
        command=("bench", "reconcile"),
        minutes=2,
    ),
    Row(
        number="redact",
        what="Redaction of text made to be slow: 8 times the text",
        floor="about 8 times the time",
        command=("bench", "redact"),
        minutes=2,
    ),
    Row(
        number="report",
        what="A week's report over 1,000,000 tickets with 5,000,000 messages",
        floor="< 5 s and < 500 MB",
        command=("bench", "report", "--tickets", "1000000"),
        minutes=9,
    ),
    Row(
        number="similar",
        what="Finding similar ones among 10,000 tickets",
        floor="none was set",
        command=("bench", "similar"),
        minutes=2,
    ),
    Row(
        number="sla",
        what="Sweeping the clocks of 5,000 open tickets",
        floor="< 2 s a sweep",
        command=("bench", "sla", "--tickets", "5000"),
        minutes=3,
    ),
)
