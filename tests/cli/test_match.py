"""``relay match`` as its users run it: files in, events and an exit status out."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from relay.cli.match import match

ALICE = '{"eventName":"ConsoleLogin","user":"alice","n":1.50}'
BOB = '{"eventName":"StopLogging","user":"bob"}'
LOGIN = "{ $.eventName = ConsoleLogin }"
ANYTHING = "{ $.eventName = * }"
SCRIPT = "import typer; from relay.cli.match import match; typer.run(match)"


def run(*words: str | Path, stdin: bytes | str = b"") -> Result:
    """Run ``relay match`` with ``words``."""
    app = typer.Typer()
    app.command()(match)
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    """Return a CloudTrail log file as CloudTrail writes them."""
    path = tmp_path / "log.json.gz"
    path.write_bytes(gzip.compress(f'{{"Records":[{ALICE},{BOB}]}}'.encode()))
    return path


def test_events_come_out_as_they_are_in_the_file(log_file: Path) -> None:
    """A matching record is printed on a line of its own, unchanged."""
    result = run(LOGIN, log_file)

    assert (result.stdout, result.exit_code) == (f"{ALICE}\n", 0)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("array.json", f" [{ALICE}, {BOB}]\n"),
        ("lines.jsonl", f"{ALICE}\n\n{BOB}\n"),
        ("lines.json", f"{ALICE}\r\n{BOB}"),
        ("lines.txt", f"hello\n{ALICE}\n{BOB}\n"),
        ("broken.txt", f"{{ hello\n{ALICE}\n{BOB}\n"),
        ("pretty.json", json.dumps({"Records": [json.loads(BOB)]}, indent=2)),
        ("one.json", BOB),
        ("other.json", json.dumps({"x": 1, "Records": [json.loads(BOB)]})),
        ("after-blank-lines.json", f'\n\n{{"Records":\n[{BOB}]}}'),
    ],
)
def test_many_shapes_of_files(tmp_path: Path, name: str, content: str) -> None:
    """Log files, arrays, single events and lines are told apart by what they hold."""
    path = tmp_path / name
    path.write_bytes(content.encode())

    result = run("{ $.user = bob }", path)

    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        json.loads(BOB)
    ]
    assert result.exit_code == 0


def test_a_line_with_records_is_an_event(tmp_path: Path) -> None:
    """A file is taken apart when it is a log file as a whole, not line by line."""
    path = tmp_path / "notices.jsonl"
    path.write_text('{"Records":[{"a":1}]}\n' * 2)

    result = run("{ $.Records[0].a = 1 }", path)

    assert result.stdout == '{"Records":[{"a":1}]}\n' * 2


def test_plain_text_from_standard_input() -> None:
    """Without files, the lines of standard input are the events."""
    result = run('"disk full" -test', stdin="disk full\r\ntest: disk full\ncpu\n")

    assert (result.stdout, result.exit_code) == ("disk full\n", 0)


def test_gzip_from_standard_input_by_name() -> None:
    """``-`` is standard input too, and gzip is told by its content."""
    result = run("-H", LOGIN, "-", stdin=gzip.compress(ALICE.encode()))

    assert result.stdout == f"(standard input):{ALICE}\n"


def test_no_input_at_all() -> None:
    """Empty input holds no event, not even for a pattern that matches everything."""
    result = run("", stdin="")

    assert (result.stdout, result.exit_code) == ("", 1)


def test_bytes_that_are_no_utf8_pass_through(tmp_path: Path) -> None:
    """Text in another encoding is searched as far as possible and printed unchanged."""
    path = tmp_path / "latin1.log"
    path.write_bytes(b"caf\xe9 closed\n")

    assert run("closed", path).stdout_bytes == b"caf\xe9 closed\n"


def test_half_a_surrogate_pair_hides_nothing(tmp_path: Path) -> None:
    """A log file with an escape that is no character is searched all the same."""
    path = tmp_path / "odd.json"
    odd = '{"ua":"\\\\\\ud800","pair":"\\ud83d\\ude00"}'
    path.write_text(f'{{"Records":[{odd},{BOB}]}}')

    assert run("{ $.user = bob }", path).stdout == f"{BOB}\n"
    assert run("{ $.pair = \N{GRINNING FACE} }", path).exit_code == 2
    assert json.loads(run('{ $.pair = "\N{GRINNING FACE}" }', path).stdout) == {
        "ua": "\\\N{REPLACEMENT CHARACTER}",
        "pair": "\N{GRINNING FACE}",
    }


def test_folders_are_searched_to_the_bottom(tmp_path: Path) -> None:
    """All files below a folder are searched, in the order of their names."""
    for name in ("b/2.json", "a/deep/1.json", "a/0.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BOB)

    result = run("-H", ANYTHING, tmp_path)

    assert [line.split(":{")[0] for line in result.stdout.splitlines()] == [
        str(tmp_path / name) for name in ("a/0.json", "a/deep/1.json", "b/2.json")
    ]


def test_count_of_one_file(log_file: Path) -> None:
    """``--count`` prints the number and nothing else."""
    assert run("--count", ANYTHING, log_file).stdout == "2\n"


def test_count_of_several_files(log_file: Path, tmp_path: Path) -> None:
    """Of several files each has its count, zero included."""
    other = tmp_path / "other.json"
    other.write_text(BOB)

    result = run("-c", LOGIN, log_file, other)

    assert result.stdout == f"{log_file}:1\n{other}:0\n"


def test_extract() -> None:
    """``--extract`` prints what a space-delimited pattern extracts, as JSON."""
    result = run("--extract", "[ip, ..., code=4*]", stdin="::1 x 404\n::1 x 200\n")

    assert result.stdout == '{"$ip":"::1","$2":"x","$code":"404"}\n'


def test_nothing_matches(log_file: Path) -> None:
    """The exit status tells that nothing matched."""
    result = run("{ $.eventName = Nothing }", log_file)

    assert (result.stdout, result.exit_code) == ("", 1)


def test_a_bad_pattern_is_shown_with_its_place(log_file: Path) -> None:
    """A pattern that is not valid ends the command before any file is opened."""
    result = run("{ $.eventName == x }", log_file)

    assert result.stderr.splitlines() == [
        "relay match: expected a value, found '=' (AWS: Invalid metric filter pattern)",
        "  { $.eventName == x }",
        "                 ^",
    ]
    assert (result.stdout, result.exit_code) == ("", 2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cut.json.gz", gzip.compress(BOB.encode() * 9)[:-9], "broken gzip: "),
        ("bad.json.gz", b"\x1f\x8b\x08\x00" + b"x" * 40, "broken gzip: "),
        ("bad.gz", b"\x1f\x8b" + b"x" * 40, "Unknown compression method"),
        ("bad.json", b'{"Records":[\n{"a":1},\n{"a":]}', ":3: not JSON: "),
        ("cut.log", b'{"Records":[\n{"a":1},\n', ":3: not JSON: "),
        ("deep.json", b"[" * 9999 + b"]" * 9999, "JSON nested too deeply"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unreadable_file_is_not_the_end(
    log_file: Path, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    """What cannot be read is reported with its name; the other files are searched."""
    path = tmp_path / name
    path.write_bytes(content)

    result = run(LOGIN, path, log_file)

    assert result.stderr.startswith(f"relay match: {path}")
    assert message in result.stderr
    assert (result.stdout, result.exit_code) == (f"{ALICE}\n", 2)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    """A path that does not exist is named in the error."""
    result = run(LOGIN, tmp_path / "nowhere")

    assert result.stderr == (
        f"relay match: {tmp_path / 'nowhere'}: No such file or directory\n"
    )
    assert result.exit_code == 2


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    """A reader that has seen enough ends the search without a complaint."""
    path = tmp_path / "many.jsonl"
    path.write_text(f"{BOB}\n" * 50_000)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, ANYTHING, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.stdout.close()
    process.stdout = None

    _, stderr = process.communicate(timeout=30)

    assert first.decode() == f"{BOB}\n"
    assert (stderr, process.returncode) == (b"", 0)
