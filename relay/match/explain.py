"""``relay match --explain``: which condition held on which value, and which did not."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.text import Text

from relay.match.records import Summary
from relay.match.search import Found
from relay.match.text import place, visible
from relay.match.values import shown_values
from relay.patterns import ConditionResult, Explanation, Pattern

DEFAULT_LIMIT: Final = 20
"""Events that are explained one by one; the summary is of all."""

_MAX_WIDTH: Final = 60  # characters of a condition up to which values stand in a column
_MAX_HEADLINE: Final = 100  # characters of a text event in its heading


class ExplainOutput:
    """Explains the first events one by one, matching or not, and sums up all."""

    def __init__(
        self,
        write: Callable[[Text], None],
        pattern: Pattern,
        *,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        """Write lines by ``write``; explain up to ``limit`` events."""
        self._write = write
        self._limit = limit
        self._summary = Summary()
        self._events = self._matches = 0
        self._held: dict[tuple[int, str], int] = {}
        if pattern.extensions:
            names = " and ".join(pattern.extensions)
            text = f"uses {names}, which CloudWatch Logs does not know"
            self._write(Text(f"note: {text}", "yellow"))
        for warning in pattern.warnings:
            self._write(Text(f"note: {visible(warning)}", "yellow"))

    def show(self, found: Found) -> None:
        """Explain one event, or only count it."""
        explanation = found.explanation
        if explanation is None:
            raise AssertionError("nobody explained this event")
        self._events += 1
        self._matches += explanation.matches
        for each in explanation.conditions:
            key = (each.position, each.text)
            self._held[key] = self._held.get(key, 0) + each.held
        if self._events <= self._limit:
            self._explain(found, explanation)

    def end_file(self, path: Path, count: int) -> None:
        """Print nothing."""

    def end(self) -> None:
        """Sum up more than one event."""
        if self._events < 2:
            return
        hidden = self._events - self._limit
        if hidden > 0:
            self._write(Text(f"{hidden:,} more events are not shown (see -m)", "dim"))
            self._write(Text())
        total = f"of {self._events:,} events match"
        self._write(Text(f"{self._matches:,} {total}; each condition held for", "bold"))
        width = len(f"{self._events:,}")
        for (_, text), count in self._held.items():
            style = "" if count else "red"
            self._write(Text(f"  {count:>{width},}  {visible(text)}", style))

    def _explain(self, found: Found, explanation: Explanation) -> None:
        verdict = (
            ("match", "bold green") if explanation.matches else ("no match", "red")
        )
        where = (place(found.path, found.event), "dim")
        self._write(Text.assemble(verdict, "  ", self._headline(found), "  ", where))
        if explanation.reason:
            self._write(Text(f"  {visible(explanation.reason)}", "yellow"))
        width = max((len(each.text) for each in explanation.conditions), default=0)
        for each in explanation.conditions:
            self._write(_line(each, min(width, _MAX_WIDTH)))
        self._write(Text())

    def _headline(self, found: Found) -> str:
        """Return what tells people which event it is."""
        evidence = self._summary.of(found.event.text, found.path)
        if evidence is None:
            text = found.event.text[: 4 * _MAX_HEADLINE].decode(errors="replace")
            dots = "..." if len(text) > _MAX_HEADLINE else ""
            return visible(text[:_MAX_HEADLINE]) + dots
        who = f"by {evidence.principal}" if evidence.principal else None
        parts = (evidence.event_time, evidence.event_name, who)
        return visible(" ".join(part for part in parts if part))


def _line(result: ConditionResult, width: int) -> Text:
    mark = ("  yes  ", "green") if result.held else ("  no   ", "bold red")
    condition = f"{visible(result.text):<{width}}"
    ignored = " (ignored)" if result.is_ignored else ""
    seen = f"{shown_values(result.seen)}{ignored}"
    return Text.assemble(mark, condition, "  ", ("saw ", "dim"), seen)
