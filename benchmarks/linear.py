"""The worst patterns and messages that we can think of: time for each character.

    python -m benchmarks.linear [--max-length N] [--explain]

Linear time shows as a figure that stays the same from left to right. What a short
message costs beside its length (decoding JSON, starting RE2) may make the first one
larger. Texts of one repeated letter are the worst for searching: most of a word fits
everywhere. A pattern has 1 024 characters at most, so that what a *pattern* costs is
bounded; its compiling is measured in the second table all the same.

Python's collector of cyclic garbage is off: its share of a message that is nothing but
hundreds of thousands of lists grows a little with their number (32 ns a character
without it, 79 with it, at a million characters of ``[[[[...]]]]``).
"""

import argparse
import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from relay.patterns import NamedList, Pattern, PatternError, compile_pattern

LENGTHS = (10_000, 100_000, 1_000_000)
PATTERN_LENGTHS = (128, 512, 1024)
LISTED = 100_000
_ENOUGH_SECS = 0.2
_MAX_RUNS = 7
_SUSPICIOUS_GROWTH = 3.0


@dataclass(frozen=True)
class Case:
    """A pattern, and how to make a message of about a given length for it."""

    name: str
    pattern: str
    message: Callable[[int], str]


def _string(text: Callable[[int], str]) -> Callable[[int], str]:
    return lambda length: f'{{"a": "{text(length)}"}}'


def _array(item: str) -> Callable[[int], str]:
    def message(length: int) -> str:
        return f'{{"a": [{",".join([item] * (length // (len(item) + 1)))}]}}'

    return message


def _same(length: int) -> str:
    return "a" * length


def _coins(length: int) -> str:
    return "".join(random.Random(length).choices("ab", k=length))  # noqa: S311 - a text


def _fill(piece: str, *, around: str = "{}") -> str:
    """Return ``around`` with as many pieces as make a pattern of full length."""
    count = (1024 - len(around) + 2) // len(piece)
    return around.format(piece * count)


def _conditions(condition: str, join: str = " || ") -> str:
    count = (1024 - 4 + len(join)) // (len(condition) + len(join))
    return "{ " + join.join([condition] * count) + " }"


def _json_words(pattern: str) -> str:
    return "{ $.a = " + pattern + " }"


def _flat_objects(length: int) -> str:
    members = ",".join(f'"{number}":1' for number in range(length // 10))
    return f'{{"a": {{{members}}}}}'


WITH_TEXT = (
    Case("one long term", "a" * 1023 + "b", _same),
    Case("one long term, uneven", "a" * 511 + "b" + "a" * 512, _coins),
    Case("many terms", _fill("b "), lambda length: "a" * (length - 1) + "b"),
    Case("many excluded terms", _fill("-b "), _same),
    Case("regex: stars", "%" + "a*" * 500 + "b%", _same),
    Case("regex: options", "%" + "[ab]?" * 200 + "c%", _coins),
    Case("regex: {1000}", "%[^c]{1000}c%", _coins),
    Case("regex: a..{998}c", "%a[ab]{998}c%", _coins),
    Case("regex: a.{998}c", "%a.{998}c%", _coins),
    Case("regex: many counts", "%" + "[ab]{9}" * 111 + "c%", _coins),
    Case("regex: runs", "%a.*b.*a.*b.*c%", _coins),
    Case("regex: half surrogates", "%a.*c%", lambda length: "a\ud800" * (length // 2)),
    Case("space: [", "[a, b = 1, ...]", lambda length: "[" * length),
    Case('space: "', "[a, b = 1, ...]", lambda length: '"' * length),
    Case("space: [ with blanks", "[..., b = 1]", lambda length: "[ " * (length // 2)),
    Case('space: " with blanks', "[..., b = 1]", lambda length: '" ' * (length // 2)),
    Case("space: []", "[..., b = 1]", lambda length: "[]" * (length // 2)),
    Case("space: blanks", "[..., b = 1]", lambda length: " " * length),
    Case("space: many entries", _fill("a_,", around="[...]").replace("a_", ""), _same),
    Case("space: long number", "[a = 1]", lambda length: "1" * length),
    Case("space: no number", "[a > 1]", lambda length: "1" * length + "e1x"),
    Case("space: all entries", "[a, b]", lambda length: "a " * (length // 2)),
)
WITH_JSON = (
    Case(
        "glob: stars", _json_words(_fill("*a", around="{}b*")[-1000:]), _string(_same)
    ),
    Case("glob: long piece", _json_words("*" + "a" * 990 + "b*"), _string(_same)),
    Case(
        "glob: long pieces",
        _json_words("*" + ("a" * 98 + "b*") * 10),
        _string(lambda length: ("a" * 99 + "b") * (length // 100)),
    ),
    Case("glob: stars, no end", _json_words("*" * 900 + "b"), _string(_same)),
    Case("many globs", _conditions("$.a=*b*"), _string(_same)),
    Case("many texts", _conditions("$.a!=b", " && "), _string(_same)),
    Case("~=", '{ $.a ~= "*B*" }', _string(_same)),
    Case("regexes", "{ $.a = %a*b% || $.a = %[^a]a*b% }", _string(_same)),
    Case(
        "three wildcards",
        "{ $.a[*] = b || $.a[*].c = b || $.a.* IS TRUE }",
        _array('"a"'),
    ),
    Case("wildcard: objects", "{ $.a[*].b.c = 1 }", _array('{"b":{"c":0}}')),
    Case("wildcard: members", "{ $.a.* = 2 }", _flat_objects),
    Case("wildcard: NOT EXISTS", "{ $.a[*].b NOT EXISTS }", _array("{}")),
    Case("wildcard: !=", "{ $.a[*] != 1 }", _array("0")),
    Case("IS NULL", "{ $.a IS NULL }", _array("0")),
    Case("IN networks", "{ $.a[*] IN [10.0.0.0/8, ::/9] }", _array('"192.168.0.1"')),
    Case("IN a named list", "{ $.a[*] IN @many }", _array('"192.168.0.1"')),
    Case("NOT IN globs", "{ $.a NOT IN [*b, *c*, d*e] }", _string(_same)),
    Case("long integer", "{ $.a = 1 }", lambda length: f'{{"a": {"1" * length}}}'),
    Case(
        "long integer, text",
        '{ $.a = "1" }',
        lambda length: f'{{"a": -{"1" * length}}}',
    ),
    Case(
        "long integer, glob", "{ $.a = *2* }", lambda length: f'{{"a": {"1" * length}}}'
    ),
    Case("many integers", "{ $.a[*] = *2* }", _array("1" * 4000)),
    Case("long fraction", "{ $.a = 1 }", lambda length: f'{{"a": 1.{"1" * length}}}'),
    Case("long double", "{ $.a = 1 }", lambda length: f'{{"a": {"1" * length}.5}}'),
    Case("long exponent", "{ $.a = 1 }", lambda length: f'{{"a": 1e{"1" * length}}}'),
    Case("zeros", "{ $.a = 1 }", lambda length: f'{{"a": 0.{"0" * length}1}}'),
    Case(
        "nested arrays",
        "{ $.a[0][0] = 1 }",
        lambda length: '{"a":' + "[" * (length // 2) + "]" * (length // 2) + "}",
    ),
    Case("nested objects", "{ $.a.a = 1 }", lambda length: '{"a":' * (length // 5)),
    Case(
        "nested, many times",
        "{ $.a[*] = 1 }",
        _array("[" * 400 + "]" * 400),
    ),
    Case(
        "equal keys",
        "{ $.a = 2 }",
        lambda length: "{" + ",".join(['"a":1'] * (length // 6)) + "}",
    ),
    Case("escapes", '{ $.a = "b" }', _string(lambda length: '\\"' * (length // 2))),
    Case("half surrogates", '{ $.a = "b" }', _string(lambda n: "\\ud800" * (n // 6))),
    Case("no JSON", "{ $.a = 1 }", lambda length: "{" + "a" * length),
    Case("no JSON at its end", "{ $.a = 1 }", lambda length: '{"a":"' + "a" * length),
    Case("blanks", "{ $.a = 1 }", lambda length: " " * length + "{"),
    Case(
        "nested conditions",
        "{" + "($.a=*b||" * 90 + "$.a=*c" + ")" * 90 + "}",
        _string(_same),
    ),
)
PATTERNS: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("terms", lambda length: "a " * (length // 2)),
    ("marked terms", lambda length: "-a" * (length // 2)),
    ("a quoted term", lambda length: '"' + '\\"' * (length // 2 - 1) + '"'),
    ("an open quote", lambda length: '"' + "\\" * (length - 1)),
    ("regex: counts", lambda length: "%" + "a{9}" * min(length // 4 - 1, 110) + "%"),
    ("regex: classes", lambda length: "%" + "[a]" * (length // 3 - 1) + "%"),
    ("regex: open classes", lambda length: "%" + "[" * (length - 2) + "%"),
    ("regex: big counts", lambda length: "%" + ".{1000}" * (length // 7 - 1) + "%"),
    ("regex: alternatives", lambda length: "%" + "a|" * (length // 2 - 1) + "%"),
    ("conditions", lambda length: "{ " + "$.a=b||" * (length // 7 - 1) + "$.a=b }"),
    ("mixed", lambda length: "{ " + "$.a=b||$.a=c&&" * (length // 14 - 1) + "$.a=b }"),
    ("parentheses", lambda length: "{ " + "(" * (length - 4) + " }"),
    ("long selectors", lambda length: "{ $" + ".a" * (length // 2 - 5) + " = 1 }"),
    ("lists", lambda length: "{ $.a IN [" + "a," * (length // 2 - 8) + "a] }"),
    ("networks", lambda length: "{ $.a IN [" + "::/9," * (length // 5 - 4) + "::/8] }"),
    ("numbers", lambda length: "{ $.a = 1e" + "0" * (length - 14) + " }"),
    ("entries", lambda length: "[" + "," * (length - 2) + "]"),
    ("entry", lambda length: "[a=1" + "||a=1" * (length // 5 - 2) + "]"),
)


def main() -> None:
    """Print both tables, and what a long named list costs an event."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linear")
    parser.add_argument("--max-length", type=int, default=LENGTHS[-1])
    parser.add_argument("--explain", action="store_true", help="measure explain()")
    asked_for = parser.parse_args()
    gc.disable()
    lengths = [length for length in LENGTHS if length <= asked_for.max_length]
    many = NamedList([f"10.{n >> 8}.{n & 255}.0/24" for n in range(LISTED // 4)])
    print(_row("matching, ns a character", lengths))
    for case in (*WITH_TEXT, *WITH_JSON):
        pattern = compile_pattern(case.pattern, extensions=True, lists={"many": many})
        call = pattern.explain if asked_for.explain else pattern.matches
        times = [_timed(call, case.message, n) for n in lengths]
        _print_times(case.name, times)
    print(_row("\ncompiling, ns a character", PATTERN_LENGTHS))
    for name, text in PATTERNS:
        times = [_timed(_compile, text, length) for length in PATTERN_LENGTHS]
        _print_times(name, times)
    _print_list_cost()


def _compile(text: str) -> Pattern | None:
    try:
        return compile_pattern(text, extensions=True)
    except PatternError:
        return None


def _timed(
    call: Callable[[str], object], text_of_length: Callable[[int], str], length: int
) -> float:
    """Return the nanoseconds a character of the best run."""
    text = text_of_length(length)
    best = total = 0.0
    for _ in range(_MAX_RUNS):
        began = time.perf_counter()
        call(text)
        took = time.perf_counter() - began
        best = min(best or took, took)
        total += took
        if total > _ENOUGH_SECS:
            break
    return best / len(text) * 1e9


def _print_times(name: str, times: Sequence[float]) -> None:
    grows = times[-1] > _SUSPICIOUS_GROWTH * min(times[:-1], default=times[-1])
    cells = [f"{nanos:.2f}" for nanos in times]
    print(_row(name, cells) + ("  NOT LINEAR?" if grows else ""), flush=True)


def _row(name: str, cells: Sequence[object]) -> str:
    shown = (
        f"{cell:>12,}" if isinstance(cell, int) else f"{cell:>12}" for cell in cells
    )
    return f"{name:<28}" + "".join(shown)


def _print_list_cost() -> None:
    """Print what a record costs that is looked up in a short and in a long list."""
    print(f"\n{'look-up in a named list of':<28}{'ns a look-up':>12}")
    for count in (10, LISTED):
        lists = {
            "texts": [f"user-{number}" for number in range(count)],
            "networks": [
                f"10.{n >> 8 & 255}.{n & 255}.{n >> 9 & 128}/25" for n in range(count)
            ],
        }
        for name, entries in lists.items():
            pattern = compile_pattern(
                "{ $.a IN @it }", extensions=True, lists={"it": entries}
            )
            test = pattern.bind(lambda _: lambda event: event)
            rounds = 20_000
            began = time.perf_counter()
            for _ in range(rounds):
                test("192.168.7.9")
            nanos = (time.perf_counter() - began) / rounds * 1e9
            print(f"{f'{count:,} {name}':<28}{nanos:>12.0f}")


if __name__ == "__main__":
    main()
