"""How long the console's pages take at a million alerts: what each page asks of its database, p50 and p95 in ms.

    python -m tests.bench.console_pages --database sqlite:////tmp/pages.db [--alerts 1000000]

Without --database a PostgreSQL server of its own is started, and gone at the end. A database that was filled before is
used again. Asked are the functions that the pages call, from a connection of its own; templates are not in the time.
"""

import argparse
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Table, func, insert, select, text

from sluicegate.console.database import open_database
from sluicegate.console.people import Person
from sluicegate.console.store import insight, outbox, queue, sequence, verdicts
from sluicegate.console.store.queue import Cursor, Filter
from sluicegate.console.tables import alert, alert_term, counter, user, verdict
from sluicegate.rules.registry import RULES
from tests.bench.harness import percentile
from tests.console import made, postgres

NOW = 1_781_200_000_000_000
DAY = 86_400_000_000
TENANTS = [f"tenant-{number:03d}" for number in range(200)]
WORDS = ("supplies", "services", "holdings", "group", "partners", "consulting", "fernhill", "north", "bay", "atlas")
STATUSES = (("new", 30), ("decided", 18), ("closed", 50), ("snoozed", 1.8), ("second", 0.2))
SEVERITIES = ((1, 2), (2, 13), (3, 35), (4, 50))
Row = dict[str, Any]
Clock = Callable[[], float]


def rows(count: int) -> Iterator[tuple[Row, list[Row], Row | None]]:
    """An alert, its terms, its verdict; the same ones at each run. Few tenants and rules have most of them."""
    pick = random.Random(7)
    rules = sorted(RULES)
    body = made.revision(made.duplicate()).body
    some = pick.choices
    for number in range(count):
        rule = rules[min(int(pick.expovariate(0.15)), len(rules) - 1)]
        tenant = TENANTS[min(int(pick.expovariate(0.03)), len(TENANTS) - 1)]
        (status,) = some([name for name, _ in STATUSES], [share for _, share in STATUSES])
        (urgency,) = some([number for number, _ in SEVERITIES], [share for _, share in SEVERITIES])
        id = f"al_{pick.getrandbits(128):032x}"
        opened = NOW - pick.randrange(400 * DAY)
        payee = f"V{pick.randrange(200_000)}"
        row = {
            "alert_id": id, "tenant": tenant, "revision": 1, "status": status, "urgency": urgency,
            "family": RULES[rule].family, "rule": rule, "score": 100 - 20 * urgency, "subject_kind": "payee",
            "subject_id": payee, "title": f"Something about {rule} is not as usual", "amount": "2200.00 USD",
            "opened_at": opened, "updated_at": opened, "arrived_at": opened + 1_000_000, "close_reason": None,
            "snoozed_until": NOW + DAY if status == "snoozed" else None,
            "claimed_by": 1 if status == "new" and number % 3000 == 0 else None,
            "claimed_at": NOW if status == "new" and number % 3000 == 0 else None,
            "decision": "confirmed" if status == "decided" else None, "seq": number + 1, "body": body,
        }  # fmt: skip
        names = {f"{pick.choice(WORDS)}", f"name{pick.randrange(50_000)}"}
        terms = [{"term": term, "alert_id": id} for term in {id, payee.lower(), f"pm-{number}", rule} | names]
        given = None
        if status == "decided":
            said = pick.choice(("confirmed", "false_positive", "benign"))
            given = {
                "alert_id": id, "tenant": tenant, "rule": rule, "urgency": urgency, "opened_at": opened,
                "verdict": said, "reason_code": "other", "note": "", "allow": None, "user_id": 1,
                "at": opened + pick.randrange(DAY), "state": "given", "second_id": None, "second_at": None,
                "bulk": None,
            }  # fmt: skip
        yield row, terms, given


def fill(engine: Engine, count: int) -> None:
    """Fill an empty database; indexes are made afterwards, which is quicker."""
    began = time.monotonic()
    made_rows = rows(count)
    indexes = [index for table in (alert, alert_term, verdict) for index in table.indexes]
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA cache_size=-2000000")
        for index in indexes:
            index.drop(connection)
        connection.execute(insert(counter).values(name="changes", value=count))
        values = {"name": "bench", "role": "analyst", "tenants": '["*"]', "disabled": False, "created_at": 0}
        connection.execute(insert(user).values(values))
        done = 0
        while some := list(islice(made_rows, 50_000)):
            _load(connection, alert, [row for row, _, _ in some])
            _load(connection, alert_term, [term for _, terms, _ in some for term in terms])
            _load(connection, verdict, [given for _, _, given in some if given is not None])
            done += len(some)
            sys.stderr.write(f"\r{done:,} alerts, {time.monotonic() - began:.0f} s")
        for index in indexes:
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    sys.stderr.write(f"\nfilled in {time.monotonic() - began:.0f} s\n")


def _load(connection: Any, table: Table, values: list[Row]) -> None:
    names = [column.name for column in table.columns if column.name != "id"]
    listed = ", ".join(names)
    raw = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in names)
        statement = f"INSERT INTO {table.name} ({listed}) VALUES ({marks})"
        raw.executemany(statement, ([row[name] for name in names] for row in values))
        return
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({listed}) FROM STDIN") as copy:
        for row in values:
            copy.write_row([row[name] for name in names])


def deep(engine: Engine, shown: Filter, person: Person) -> list[Cursor]:
    """Places at several depths of a filter's queue, the last rows among them."""
    with engine.connect() as connection:
        last = queue.page(connection, person, shown, before=Cursor(9, 2**60, "~"), size=1).rows
        first = queue.page(connection, person, shown, size=1).rows
    if not first or not last:
        return []
    low, high = first[0].cursor, last[0].cursor
    return [Cursor(u, NOW - int(share * 400 * DAY), "al_") for u in (2, 3, 4) for share in (0.9, 0.5, 0.1)] + [
        low,
        high,
    ]


def cases(engine: Engine) -> Iterator[tuple[str, list[Callable[[Any], object]]]]:
    """Name -> what is asked, in turns."""
    every = Person(1, "bench", "analyst", ("*",))
    people = {
        "all tenants": every,
        "1 tenant": Person(1, "bench", "analyst", (TENANTS[4],)),
        "3 tenants": Person(1, "bench", "analyst", tuple(TENANTS[2:5])),
        "60 tenants": Person(1, "bench", "analyst", tuple(TENANTS[5:65])),
        "3 small tenants": Person(1, "bench", "analyst", tuple(TENANTS[150:153])),
        "190 tenants": Person(1, "bench", "analyst", tuple(TENANTS[:190])),
    }
    often, *_, rare, _ = sorted(RULES)
    family = RULES[rare].family
    filters = {
        "no filter": Filter(),
        "closed": Filter(status="closed"),
        "second": Filter(status="second"),
        "critical": Filter(severities=("critical",)),
        "high and low": Filter(severities=("high", "low")),
        "tenant": Filter(tenant=TENANTS[4]),
        "family": Filter(family=family),
        "rule, often": Filter(rule=often),
        "rule, rare": Filter(rule=rare),
        "family, rule and low": Filter(family=family, rule=rare, severities=("low",)),
        "mine": Filter(claimed="me"),
        "nobody's": Filter(claimed="nobody"),
        "search id": Filter(search=("pm-77777",)),
        "search prefix": Filter(search=("name12",)),
        "search common word": Filter(search=("supplies",)),
        "search common, closed": Filter(search=("supplies",), status="second"),
        "search two words": Filter(search=("supplies", "name123")),
        "search two common": Filter(search=("supplies", often)),
    }
    for who, person in people.items():
        for what, shown in filters.items():
            places = deep(engine, shown, person)
            yield f"queue, {who}, {what}, first", [_page(person, shown, None, None)]
            yield (
                f"queue, {who}, {what}, deep",
                [_page(person, shown, place, None) for place in places]
                + [_page(person, shown, None, place) for place in places],
            )
            yield f"counts, {who}, {what}", [partial(_counts, person, shown)]
        yield f"changes, {who}, last 100", [partial(_changes, person, 100)]
        yield f"changes, {who}, from the start", [partial(_changes, person, 10**9)]
        yield f"changes, {who}, none", [partial(_changes, person, 0)]
        yield f"insight, {who}", [partial(_insight, person)]
    with engine.connect() as connection:
        ids = connection.scalars(select(alert.c.alert_id).where(alert.c.alert_id > "al_8").limit(30)).all()
    yield "alert page", [partial(_alert, every, one) for one in ids]
    yield "outbox waiting", [lambda c: outbox.waiting(c, NOW)]


def _page(person: Person, shown: Filter, after: Cursor | None, before: Cursor | None) -> Callable[[Any], object]:
    return lambda connection: queue.page(connection, person, shown, after=after, before=before)


def _counts(person: Person, shown: Filter, connection: Any) -> object:
    return queue.counts(connection, person, shown)


def _changes(person: Person, back: int, connection: Any) -> object:
    return queue.changes(connection, person, max(0, sequence.latest(connection) - back))


def _alert(person: Person, id: str, connection: Any) -> None:
    found = queue.find(connection, person, id)
    assert found is not None
    row = found[0]
    queue.related(connection, person, row, [("payment", "PM-1"), ("account", "fp-1")])
    verdicts.history(connection, person, row.tenant, row.alert_id)
    verdicts.about(connection, person, row.tenant, row.subject_kind, row.subject_id)
    queue.neighbour(connection, person, Filter(), row.cursor)


def _insight(person: Person, connection: Any) -> None:
    since = NOW - 30 * DAY
    insight.per_day(connection, person, since)
    insight.per_rule(connection, person, since)
    insight.precision(connection, person, since)
    insight.times(connection, person, since)
    insight.backlog(connection, person, NOW)


def measured(engine: Engine, asked: list[Callable[[Any], object]], least: int, clock: Clock) -> list[float]:
    """Times in ms, ascending; fewer where it is slow. The first is asked twice: a statement is compiled once."""
    with engine.connect().execution_options(reads=True) as connection:
        asked[0](connection)
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < least or (len(taken) < len(asked) and time.perf_counter() - began < 5):
        ask = asked[len(taken) % len(asked)]
        start = clock()
        with engine.connect().execution_options(reads=True) as connection:
            ask(connection)
        taken.append((clock() - start) * 1000)
        if time.perf_counter() - began > 10:
            break
    return sorted(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="")
    parser.add_argument("--alerts", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--only", default="", help="measure what has this in its name")
    parser.add_argument("--over", type=float, default=0.0, help="print what has a p95 of at least so many ms")
    parser.add_argument("--cpu", action="store_true", help="processor time, of SQLite all there is: for a busy machine")
    given = parser.parse_args()
    clock = time.process_time if given.cpu else time.perf_counter
    with ExitStack() as stack:
        url = given.database
        if not url:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            url = stack.enter_context(postgres.server(port)) + "postgres"
        engine = open_database(url)
        with engine.connect() as connection:
            held = connection.scalar(select(func.count()).select_from(alert)) or 0
        if not held:
            fill(engine, given.alerts)
        print(f"{engine.dialect.name}, {held or given.alerts:,} alerts; ms")
        print(f"{'what':52} {'p50':>8} {'p95':>8}")
        for name, asked in cases(engine):
            if given.only in name and asked:
                taken = measured(engine, asked, given.repeat, clock)
                middle, high = percentile(taken, 0.5), percentile(taken, 0.95)
                if high >= given.over:
                    print(f"{name:52} {middle:8.1f} {high:8.1f}", flush=True)
        engine.dispose()


if __name__ == "__main__":
    main()
