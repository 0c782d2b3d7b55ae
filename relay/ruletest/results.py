"""What came of tests: plain values, for people, programs and build servers alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relay.config.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something is not as a test expects it; one text a thing, the same for both sides.

    ``line`` is where the test file says so, ``at_secs`` (since the start of the test)
    when it was looked at: None for the end. ``alarm`` is the one that it is about, None
    when it is about many or none.
    """

    line: int
    at_secs: float | None
    subject: str
    expected: Sequence[str]
    actual: Sequence[str]
    alarm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A transition as reports show it.

    ``group`` maps selectors to values; ``evidence`` holds references to events.
    """

    at_secs: float
    alarm: str
    group: Mapping[str, str]
    old: str
    new: str
    reason: str
    evidence: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An event as reports show it, with the filters that match it."""

    reference: str
    arrives_secs: float
    name: str
    filters: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerdict:
    """What came of one test, and all that happened in it; ``secs`` is what it took."""

    name: str
    line: int
    differences: Sequence[Difference]
    moments: Sequence[Moment]
    events: Sequence[Seen]
    secs: float

    @property
    def has_passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """What came of one test file; with ``problems`` it has not been played."""

    file: str
    problems: Sequence[Problem] = ()
    tests: Sequence[CaseVerdict] = ()

    @property
    def failed(self) -> Sequence[CaseVerdict]:
        """The tests that did not pass."""
        return [test for test in self.tests if not test.has_passed]

    @property
    def has_passed(self) -> bool:
        """Whether the file is valid and all its tests passed."""
        return not self.problems and not self.failed

    @property
    def secs(self) -> float:
        """How long its tests took."""
        return sum(test.secs for test in self.tests)
