"""Which alarms are muted at a time, by the mute rules of the configuration; pure.

As CloudWatch has it (User Guide, "Alarm mute rules"): a muted alarm goes on changing
its state, and its actions wait for the window's end. Windows may overlap, also those of
one rule: an alarm is muted for as long as any of them lasts.
"""

from collections.abc import Iterable

from relay.config.rules import MuteRule

_MINUTE_SECS = 60


class Mutes:
    """The mute rules in force."""

    def __init__(self, mute_rules: Iterable[MuteRule] = ()) -> None:
        self._by_alarm: dict[str, list[_Windows]] = {}
        for rule in mute_rules:
            windows = _Windows(rule)
            for alarm in rule.alarms:
                self._by_alarm.setdefault(alarm, []).append(windows)

    def muted_until(self, alarm: str, now: float) -> float | None:
        """Return when the last of the windows ends that mute ``alarm`` now, or None.

        By then another one may have begun: ask again.
        """
        ends = [windows.end(now) for windows in self._by_alarm.get(alarm, ())]
        return max((end for end in ends if end is not None), default=None)


class _Windows:
    """One rule's windows. Of each only the start has to be looked for, once a minute:
    windows begin with one.
    """

    def __init__(self, rule: MuteRule) -> None:
        self._rule = rule
        self._minute = -1
        self._start: float | None = None

    def end(self, now: float) -> float | None:
        """Return when the newest of the windows that are open at ``now`` ends."""
        rule = self._rule
        if rule.start is not None and now < rule.start:
            return None
        start = self._latest_start(now)
        if start is None:
            return None
        end = start + rule.duration_secs
        if rule.expire is not None:
            end = min(end, rule.expire)
        return end if end > now else None

    def _latest_start(self, now: float) -> float | None:
        minute = int(now // _MINUTE_SECS)
        if minute != self._minute:
            self._minute = minute
            self._start = self._rule.schedule.latest_start(
                now, within_secs=self._rule.duration_secs
            )
        return self._start
