"""The grammar that two kinds of patterns share: ``&&``, ``||`` and parentheses.

    or    := and ( '||' and )*
    and   := unary ( '&&' unary )*
    unary := '(' or ')' | condition

Blanks are free around each token.
"""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from relay.patterns.scanner import Scanner

MAX_DEPTH: Final = 100  # of parentheses; ours, to protect the stack: AWS names none
_MIXED: Final = (
    "'&&' binds tighter than '||'; put parentheses around what belongs together"
)

T = TypeVar("T")


class BooleanParser(Generic[T]):
    """Recursive descent; each method reads the rule that it is named after.

    ``condition`` reads one condition at the scanner's position; ``all_of`` and
    ``any_of`` join what it returns. ``warnings`` are about how the text is written.
    """

    def __init__(
        self,
        scanner: Scanner,
        condition: Callable[[], T],
        *,
        all_of: Callable[[Sequence[T]], T],
        any_of: Callable[[Sequence[T]], T],
    ) -> None:
        self.warnings: tuple[str, ...] = ()
        self._scanner = scanner
        self._condition = condition
        self._all_of = all_of
        self._any_of = any_of
        self._depth = 0

    def parse(self) -> T:
        """Read conditions as far as they go, with the blanks around them.

        Raises PatternError where a condition is missing, a parenthesis is not closed,
        or MAX_DEPTH of them are exceeded.
        """
        operands = [self._and()]
        while self._scanner.accept("||"):
            operands.append(self._and())
        if len(operands) > 1 and any(len(operand) > 1 for operand in operands):
            self.warnings = (_MIXED,)
        joined = [_join(operand, self._all_of) for operand in operands]
        return _join(joined, self._any_of)

    def _and(self) -> list[T]:
        conditions = [self._unary()]
        while self._scanner.accept("&&"):
            conditions.append(self._unary())
        return conditions

    def _unary(self) -> T:
        self._scanner.skip_blanks()
        inner = (
            self._parenthesised() if self._scanner.char == "(" else self._condition()
        )
        self._scanner.skip_blanks()
        return inner

    def _parenthesised(self) -> T:
        scanner = self._scanner
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise scanner.refused(
                f"more than {MAX_DEPTH} parentheses inside each other",
                position=scanner.position,
            )
        scanner.accept("(")
        inner = self.parse()
        if not scanner.accept(")"):
            raise scanner.unexpected("'&&', '||' or ')'")
        self._depth -= 1
        return inner


def _join(operands: list[T], join: Callable[[Sequence[T]], T]) -> T:
    return operands[0] if len(operands) == 1 else join(operands)
