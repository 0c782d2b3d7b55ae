"""The status for people: a few lines, the ledger, and the alarms that are raised."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from relay.accounting.balance import Balance
from relay.config.units import format_duration
from relay.notify.plain import one_line
from relay.web.status import AlarmStatus, ConfigStatus, Status

_MOST_REASON_CHARS = 200


def show(status: Status, console: Console) -> None:
    """Print ``status``."""
    for part in _parts(status):
        console.print(part)


def _parts(status: Status) -> Iterator[RenderableType]:
    yield _headline(status)
    yield from (Text(f"  {one_line(each)}", "red") for each in status.problems)
    yield _facts(status)
    yield ""
    if status.ledger:
        yield _ledger(status.ledger)
    else:
        yield Text("No record has come yet.")
    if status.in_alarm:
        yield ""
        yield _in_alarm(status)


def _headline(status: Status) -> Text:
    word, style = ("healthy", "green") if status.healthy else ("not healthy", "red")
    return Text.assemble(
        (word, f"bold {style}"),
        f": relay {one_line(status.version)}, up {_duration(status.uptime_secs)},"
        f" process {status.process_id}",
    )


def _facts(status: Status) -> Table:
    facts = Table.grid(padding=(0, 2))
    for name, text in (
        ("config", _config(status)),
        ("reload", _reload(status)),
        ("source", _source(status)),
        ("alarms", ", ".join(f"{n} {state}" for state, n in status.alarms.items())),
        ("outbox", _outbox(status)),
    ):
        facts.add_row(Text(name, "bold"), Text(text))
    return facts


def _config(status: Status) -> str:
    config = status.config
    if config is None:
        return "none in force yet"
    return (
        f"{one_line(config.path)}, loaded {config.loaded_at}:"
        f" {config.metric_filters} metric filters, {config.alarms} alarms,"
        f" {config.receivers} receivers{_built_in(config)}"
    )


def _built_in(config: ConfigStatus) -> str:
    rules = config.self_watch_rules
    return f", {rules} self_watch rules" if rules else ""


def _reload(status: Status) -> str:
    last = status.last_reload
    if last is None:
        return "none since the start"
    if not last.problems:
        return f"{last.at}, successful"
    told = "".join(f"\n{one_line(problem)}" for problem in last.problems)
    return f"{last.at}, refused, the configuration before it stays:{told}"


def _source(status: Status) -> str:
    source = status.source
    if source is None:
        return "not receiving yet"
    oldest = (
        f", the oldest for {_duration(source.oldest_in_flight_secs)}"
        if source.in_flight
        else ""
    )
    waiting = source.queue.get("visible", 0)
    return (
        f"{source.in_flight} messages in flight{oldest}; about {waiting} in the queue;"
        f" last progress {_duration(source.quiet_secs)} ago"
    )


def _outbox(status: Status) -> str:
    if status.outbox.oldest_secs is None:
        return "empty"
    oldest = _duration(status.outbox.oldest_secs)
    return f"{status.outbox.pending} notifications wait, the oldest for {oldest}"


def _ledger(rows: Sequence[Balance]) -> Table:
    """Return the ledger; outcomes that no record had get no column."""
    columns: Mapping[str, list[str]] = {
        "received": [str(row.received) for row in rows],
        "relayed": [str(row.relayed) for row in rows],
        "dropped": [str(row.dropped or "") for row in rows],
        "lost": [_by_reason(row.lost) for row in rows],
        "duplicate": [str(row.duplicate or "") for row in rows],
        "rejected": [_by_reason(row.rejected) for row in rows],
        "quarantined": [_by_reason(row.quarantined) for row in rows],
        "in flight": [str(row.in_flight or "") for row in rows],
        "balances": ["yes" if row.balances else "NO" for row in rows],
        "repeated": [str(row.repeated or "") for row in rows],
    }
    shown = {name: cells for name, cells in columns.items() if any(cells)}
    table = _table("Ledger, in records since the state store was made")
    for name in ("account", "region"):
        table.add_column(name, no_wrap=True)
    for name in shown:
        table.add_column(name, justify="right")
    for row, *cells in zip(rows, *shown.values(), strict=True):
        texts = (one_line(row.account), one_line(row.region), *cells)
        table.add_row(*map(Text, texts))
    return table


def _in_alarm(status: Status) -> Table:
    listed, all_ = len(status.in_alarm), status.alarms.get("ALARM", 0)
    table = _table("In ALARM" if listed == all_ else f"In ALARM, {listed} of {all_}")
    table.add_column("since", no_wrap=True)
    table.add_column("alarm", overflow="fold")
    if any(each.group for each in status.in_alarm):
        table.add_column("group", overflow="fold")
    table.add_column("reason")
    for each in status.in_alarm:
        cells = [each.since or "", each.alarm, _reason(each)]
        if len(table.columns) > len(cells):
            cells.insert(2, _group(each))
        table.add_row(*(Text(one_line(cell, _MOST_REASON_CHARS)) for cell in cells))
    return table


def _reason(alarm: AlarmStatus) -> str:
    """Say why it is in ALARM, and why nobody is told of it."""
    held = alarm.actions_suppressed_by
    return f"[not told: {held}] {alarm.reason}" if held else alarm.reason


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, pad_edge=False)


def _group(alarm: AlarmStatus) -> str:
    return ", ".join(f"{name}={value}" for name, value in alarm.group.items())


def _by_reason(records: Mapping[str, int]) -> str:
    return "\n".join(f"{n} {one_line(reason)}" for reason, n in records.items())


def _duration(secs: float) -> str:
    return format_duration(round(secs)) if secs >= 1 else "less than 1s"
