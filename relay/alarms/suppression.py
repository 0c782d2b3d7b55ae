"""What keeps the actions of an alarm back, and the periods of a composite's suppressor.

The rules are those of the CloudWatch User Guide, "Suppressing composite alarm actions":

1. When the composite changes its state, a wait period begins. If the suppressor goes
   into ALARM before its end, actions are suppressed; otherwise those of the state that
   the composite is in at its end run.
2. Another change discards the wait period and begins a new one.
3. While the suppressor is in ALARM no actions run.
4. When it leaves ALARM, an extension period begins; at its end the actions run. A
   change of the composite in between discards it, and begins a wait period.
5. Another suppressor in its place discards what is under way.
"""

from dataclasses import dataclass
from enum import StrEnum


class Hold(StrEnum):
    """Why actions wait: CloudWatch's ActionsSuppressedBy, and a mute rule."""

    WAIT_PERIOD = "WaitPeriod"
    EXTENSION_PERIOD = "ExtensionPeriod"
    ALARM = "Alarm"
    MUTE_RULE = "MuteRule"


@dataclass(slots=True, kw_only=True)
class Suppression:
    """How far suppression has come; pure, times are given to it in order.

    ``by`` says what suppresses now, if anything does; ``until`` when that ends by
    itself, as the two periods do.
    """

    wait_secs: float
    extension_secs: float
    by: Hold | None = None
    until: float | None = None

    def see(self, at: float, *, is_in_alarm: bool) -> bool:
        """Take note of the suppressor's state; return whether anything has changed."""
        if is_in_alarm is (self.by is Hold.ALARM):
            return False
        if is_in_alarm:
            self.by, self.until = Hold.ALARM, None
        else:
            self._begin(Hold.EXTENSION_PERIOD, at + self.extension_secs)
        return True

    def change(self, at: float) -> None:
        """Take note that the composite has changed its state."""
        if self.by is not Hold.ALARM:
            self._begin(Hold.WAIT_PERIOD, at + self.wait_secs)

    def end(self, until: float) -> bool:
        """End the period that is over by then; return whether one has ended."""
        if self.until is None or self.until > until:
            return False
        self.by, self.until = None, None
        return True

    def _begin(self, period: Hold, until: float) -> None:
        self.by, self.until = period, until
