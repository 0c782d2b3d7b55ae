"""Fuzz the pattern language, guided by the branches that an input takes.

    python -m fuzz.patterns -max_total_time=30 [other options of libFuzzer] [CORPUS]

Needs atheris. Without a folder for the corpus a temporary one is used. An input that
breaks a promise is written to the current folder, and the exit status is not 0.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzz.seeds import PAIRS, WORDS
from fuzz.targets import SEPARATOR

_MAX_BYTES = 8192  # of an input


def main(arguments: list[str]) -> int:
    """Fuzz until an option of libFuzzer says to stop, or a promise is broken."""
    with TemporaryDirectory() as name:
        words, seeds = Path(name, "words"), Path(name, "seeds")
        words.write_text("".join(_dictionary(WORDS)))
        seeds.mkdir()
        for number, (pattern, message) in enumerate(PAIRS):
            data = pattern.encode() + SEPARATOR + message.encode()
            Path(seeds, f"{number:02}").write_bytes(data)
        command = [sys.executable, "-m", "fuzz.run_atheris", f"-max_len={_MAX_BYTES}"]
        # libFuzzer writes what it finds to the first folder and only reads the others.
        command += [f"-dict={words}", *arguments, str(seeds)]
        return subprocess.run(command, check=False).returncode  # noqa: S603 - ours


def _dictionary(words: Iterable[str]) -> Iterable[str]:
    """Yield the lines of a libFuzzer dictionary."""
    for word in words:
        escaped = "".join(f"\\x{byte:02x}" for byte in word.encode())
        yield f'"{escaped}"\n'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
