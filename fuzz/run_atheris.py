"""The process that fuzzes, started by ``fuzz.patterns``; its arguments are libFuzzer's.

It ends without returning from ``Fuzz``, so that nothing can be cleaned up in here.
"""

import sys

import atheris  # type: ignore[import-untyped]  # has no types of its own

with atheris.instrument_imports(include=["relay.patterns", "fuzz.targets"]):
    from fuzz.targets import pattern_and_message

if __name__ == "__main__":
    atheris.Setup(sys.argv, pattern_and_message)
    atheris.Fuzz()
