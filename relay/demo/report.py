"""The demo's summary: the ledger, what was read back, the delays, the verdict."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from relay.demo.findings import Findings, delays_secs, percentile, problems
from relay.demo.inbox import Channel
from relay.demo.ledger import Metrics
from relay.telemetry import OUTCOMES


def print_report(console: Console, findings: Findings, *, metrics_url: str) -> bool:
    """Print everything; return True when nothing is wrong."""
    wrong = problems(findings)
    console.print()
    console.print(ledger_table(findings.metrics))
    for line in summary(findings):
        console.print(line, highlight=False, soft_wrap=True)
    until = "" if findings.exit_code is None else " until relay stopped; see --keep"
    console.print(f"[bold]metrics[/]       {metrics_url}{until}", soft_wrap=True)
    console.print()
    for problem in wrong:
        console.print(f"[bold red]wrong:[/] {escape(problem)}", soft_wrap=True)
    if not wrong:
        console.print(
            "[bold green]nothing lost, nothing counted twice, nobody left untold[/]"
        )
    return not wrong


def ledger_table(metrics: Metrics) -> Table:
    """Return relay's ledger: a row for each account and region, and their sum.

    Outcomes that no record had are named below, not given a column of zeros.
    """
    outcomes = [outcome for outcome in OUTCOMES if metrics.total(outcome)]
    absent = [outcome for outcome in OUTCOMES if outcome not in outcomes]
    table = Table(
        title="Ledger: every record is accounted for",
        title_justify="left",
        caption=f"none was {', '.join(absent)}" if absent else None,
        caption_justify="left",
        box=None,
        pad_edge=False,
    )
    for name in ("account", "region"):
        table.add_column(name, no_wrap=True)
    for name in ("received", *outcomes, "balanced"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in metrics.ledger:
        table.add_row(
            escape(row.account),
            escape(row.region),
            str(row.received),
            *(str(row.outcomes[outcome]) for outcome in outcomes),
            _yes_or_no(is_so=row.is_balanced),
        )
    table.add_section()
    table.add_row(
        "all",
        "",
        str(metrics.received),
        *(str(metrics.total(outcome)) for outcome in outcomes),
        _yes_or_no(is_so=all(row.is_balanced for row in metrics.ledger)),
        style="bold",
    )
    return table


def summary(findings: Findings) -> list[str]:
    """Return the lines below the ledger."""
    scenario, received = findings.scenario, findings.received
    generated = findings.generated.total()
    raised = {(each.alarm, each.group) for each in scenario.expected}
    by_channel = ", ".join(
        f"{sum(each.channel is channel for each in received)} by {channel}"
        for channel in Channel
    )
    states = ", ".join(
        f"{count} {state}" for state, count in sorted(findings.metrics.alarms.items())
    )
    return [
        f"[bold]delivered[/]     {len(scenario.files)} log files, {generated} records",
        f"[bold]read back[/]     {findings.found.total()} log events from CloudWatch "
        f"Logs: {findings.missing} missing, {findings.duplicated} duplicates",
        f"[bold]notifications[/] {len(received)} received: {by_channel}",
        f"[bold]alarms[/]        {states}; {len(raised)} were expected to be raised",
        f"[bold]delay[/]         message received to notification accepted: "
        f"{_delays(delays_secs(received))}",
    ]


def _delays(values: Sequence[float]) -> str:
    if not values:
        return "not known"
    median, slow = (percentile(values, percent) * 1000 for percent in (50, 99))
    return f"p50 {median:.0f} ms, p99 {slow:.0f} ms"


def _yes_or_no(*, is_so: bool) -> str:
    return "[green]yes[/]" if is_so else "[bold red]no[/]"
