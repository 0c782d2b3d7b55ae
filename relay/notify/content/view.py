"""What is to be said, as a reader sees it: one value for every medium.

All texts are on one line, of bounded length, and hold nothing invisible (see
``relay.notify.plain``); only ``description`` and ``runbook`` may have several lines.
None of them is escaped: that is each medium's own affair.
"""

from dataclasses import dataclass, replace

import msgspec

from relay.model import AlarmState, Bundle
from relay.notify.content.alarm_view import AlarmView, Background, alarm_view, pairs
from relay.notify.content.links import Link
from relay.notify.content.severity import rank_of
from relay.notify.plain import one_line
from relay.notify.text import title as title_of

__all__ = ["AlarmView", "Background", "Link", "View", "view_of"]

MAX_ALARMS = 20
"""Alarms of one bundle that are shown; the others are counted."""

_MAX_TITLE_CHARS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one target is told at once; the alarms worst first, then newest first.

    ``firing`` and ``resolved`` count alarm groups by the last that is told of them.
    ``hidden`` alarms are told but not shown, ``suppressed`` ones were left out by a
    limit before. State, severity, icon and colour are those of the worst alarm.
    ``subject`` is equal for all mail of one alarm group; ``title`` says the state.
    """

    id: str
    title: str
    subject: str
    state: str
    label: str
    icon: str
    severity: str
    color: str
    receiver: str
    alarms: tuple[AlarmView, ...]
    labels: tuple[tuple[str, str], ...]
    firing: int
    resolved: int
    hidden: int
    suppressed: int

    @property
    def is_firing(self) -> bool:
        """Whether any alarm is in ALARM at the end."""
        return self.firing > 0

    @property
    def is_group(self) -> bool:
        """Whether it tells of more than one thing."""
        return len(self.alarms) + self.hidden + self.suppressed > 1


def view_of(
    bundle: Bundle,
    *,
    console_region: str | None = None,
    background: Background | None = None,
) -> View:
    """Return the view of ``bundle``.

    ``console_region``, where the console's log queries open, goes before what the
    ``background`` says.
    """
    background = background or Background()
    if console_region is not None:
        background = replace(background, console_region=console_region)
    last = {(each.alarm, *each.group.values()): each for each in bundle.notifications}
    # An alarm that is over by now is not the worst, whatever it was.
    over = {id(each) for each in bundle.notifications} - {id(n) for n in last.values()}
    newest_first = bundle.notifications[::-1]
    ranked = sorted(
        newest_first,
        key=lambda each: (
            id(each) in over,
            each.state is not AlarmState.ALARM,
            rank_of(each.severity),
        ),
    )
    alarms = tuple(alarm_view(each, background) for each in ranked[:MAX_ALARMS])
    firing = sum(each.state is AlarmState.ALARM for each in last.values())
    worst = alarms[0]
    return View(
        id=bundle.id,
        title=_title(bundle, worst, firing=firing, resolved=len(last) - firing),
        subject=_subject(bundle),
        state=worst.state,
        label=worst.label,
        icon=worst.icon,
        severity=worst.severity,
        color=worst.color,
        receiver=one_line(bundle.receiver),
        alarms=alarms,
        labels=pairs(bundle.group_labels),
        firing=firing,
        resolved=len(last) - firing,
        hidden=len(ranked) - len(alarms),
        suppressed=bundle.suppressed,
    )


def _title(bundle: Bundle, worst: AlarmView, *, firing: int, resolved: int) -> str:
    if len(bundle.notifications) == 1 and not bundle.suppressed:
        return worst.title
    names = {each.alarm for each in bundle.notifications}
    name = worst.name if len(names) == 1 else f"{len(names)} alarms"
    labels = ", ".join(bundle.group_labels.values())
    counts = [
        f"{count:,} {word}"
        for count, word in (
            (firing, "firing"),
            (resolved, "resolved"),
            (bundle.suppressed, "similar suppressed"),
        )
        if count
    ]
    severity = f" ({worst.severity})" if worst.severity else ""
    suffix = f" [{labels}]" if labels else ""
    text = f"{worst.state}{severity}: {name}{suffix}: {', '.join(counts)}"
    return one_line(text, _MAX_TITLE_CHARS)


def _subject(bundle: Bundle) -> str:
    """Return what all mail of one alarm group, or of one route's group, has in common.

    Mail readers thread by it as well, so no state and no count stand there.
    """
    newest = bundle.newest
    if bundle.group_labels:
        text = f"Alarms: {', '.join(bundle.group_labels.values())}"
    elif len(bundle.notifications) > 1 or bundle.suppressed:
        text = f"Alarms for {bundle.receiver}"
    else:
        plain = msgspec.structs.replace(newest, repeat=False, state=AlarmState.ALARM)
        text = f"Alarm{title_of(plain).removeprefix(AlarmState.ALARM)}"
    return one_line(text, _MAX_TITLE_CHARS)
