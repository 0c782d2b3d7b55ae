"""How much one pattern may hold.

Most is in the CloudWatch Logs User Guide, on the page on filter pattern syntax.
"""

from typing import Final

from relay.patterns.extensions import Extension, Extensions
from relay.patterns.regex import MAX_REPETITIONS, Regex, too_many_repetitions
from relay.patterns.scanner import Scanner
from relay.patterns.selector import Selector
from relay.patterns.syntax import Value

MAX_REGEXES: Final = 2
MAX_WILDCARD_SELECTORS: Final = 3


class Limits:
    """Counts what a parser meets, and refuses what is too much."""

    def __init__(self, scanner: Scanner, extensions: Extensions) -> None:
        self._scanner = scanner
        self._extensions = extensions
        self._regexes = 0
        self._repetitions = 0
        self._wildcard_selectors = 0

    def count_value(self, value: Value, position: int) -> None:
        """Note a value; raise PatternError for the third regular expression.

        With extensions any number of them is allowed, but never more than
        MAX_REPETITIONS.
        """
        if not isinstance(value, Regex):
            return
        self._regexes += 1
        self._repetitions += sum(value.counts)
        if self._repetitions > MAX_REPETITIONS:
            raise too_many_repetitions(self._scanner, position, self._repetitions)
        if self._regexes > MAX_REGEXES and not self._extensions.use(
            Extension.MORE_REGEXES
        ):
            raise self._scanner.refused(
                f"more than {MAX_REGEXES} regular expressions",
                position=position,
                aws_text=(
                    "Your input has exceeded the maximum of 2 regular expressions "
                    "per filter pattern."
                ),
            )

    def count_selector(self, selector: Selector, position: int) -> None:
        """Note a selector; raise PatternError for the fourth one with a wildcard."""
        self._wildcard_selectors += selector.has_wildcard
        if self._wildcard_selectors > MAX_WILDCARD_SELECTORS:
            raise self._scanner.refused(
                f"more than {MAX_WILDCARD_SELECTORS} selectors with a wildcard",
                position=position,
                aws_text=(
                    "Your input has exceeded the maximum of 3 JSON wildcard selectors "
                    "allowed per filter pattern."
                ),
            )
