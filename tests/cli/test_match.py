"""``relay match`` as its users run it: files in, events and an exit status out."""

import gzip
import json
import os
import pty
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


def test_inverted_match(log_file: Path) -> None:
    """``-v`` prints what does not match, and the exit status is about that."""
    result = run("-v", LOGIN, log_file)

    assert (result.stdout, result.exit_code) == (f"{BOB}\n", 0)
    assert run("-v", ANYTHING, log_file).exit_code == 1


def test_the_search_ends_after_so_many_events(log_file: Path, tmp_path: Path) -> None:
    """``-m`` counts over all files; what comes after is not even opened."""
    result = run("-m", "2", ANYTHING, log_file, tmp_path / "nowhere")

    assert (result.stdout, result.exit_code) == (f"{ALICE}\n{BOB}\n", 0)


def test_counting_ends_as_well(log_file: Path) -> None:
    """``-c`` counts no further than ``-m``."""
    assert run("-c", "-m", "1", ANYTHING, log_file).stdout == "1\n"


def test_json_says_where_each_event_is(log_file: Path) -> None:
    """An object a line: file, record, and the event to the last digit."""
    result = run("--json", LOGIN, log_file)

    assert result.stdout == f'{{"file":"{log_file}","record":1,"event":{ALICE}}}\n'


def test_json_of_text_says_the_line() -> None:
    """Blank lines count; a line is a text, though it may be valid JSON."""
    result = run("--json", "--extract", "[w]", stdin="\n404\n")

    assert json.loads(result.stdout) == {
        "file": "(standard input)",
        "line": 2,
        "event": "404",
        "extracted": {"$w": "404"},
    }


def test_json_has_texts_for_what_is_no_json() -> None:
    """A line that only begins like JSON is a text."""
    result = run("--json", "x", stdin="{ x\n[1] x\n")

    assert [json.loads(line)["event"] for line in result.stdout.splitlines()] == [
        "{ x",
        "[1] x",
    ]


def test_json_is_harmless_and_valid() -> None:
    """What a terminal could take for a command is escaped; tokens stay apart."""
    result = run("--json", "", stdin='{"a":\t"\u009b2J\u202e\U000e0041"}\n')

    assert (
        result.stdout
        == '{"file":"(standard input)","record":1,'
        + '"event":{"a": "\\u009b2J\\u202e\\udb40\\udc41"}}\n'
    )
    assert json.loads(result.stdout)["event"] == {"a": "\u009b2J\u202e\U000e0041"}


def test_json_counts(log_file: Path) -> None:
    """``--json`` and ``--count`` together: an object for each file."""
    assert json.loads(run("--json", "-c", ANYTHING, log_file).stdout) == {
        "file": str(log_file),
        "count": 2,
    }


def test_explanation_of_every_event(log_file: Path) -> None:
    """Each condition is shown with the value that it saw; then the sum of all."""
    result = run("--explain", '{ $.eventName = C* && $.user = "bob" }', log_file)

    assert result.stdout.splitlines() == [
        f"no match  ConsoleLogin  {log_file} record 1",
        '  yes  $.eventName = C*  saw "ConsoleLogin"',
        '  no   $.user = "bob"    saw "alice"',
        "",
        f"no match  StopLogging  {log_file} record 2",
        '  no   $.eventName = C*  saw "StopLogging"',
        '  yes  $.user = "bob"    saw "bob"',
        "",
        "0 of 2 events match; each condition held for",
        "  1  $.eventName = C*",
        '  1  $.user = "bob"',
    ]
    assert result.exit_code == 1


def test_explanation_of_the_first_events_only(log_file: Path) -> None:
    """``-m`` limits what is explained one by one; the sum is of all events."""
    lines = run("--explain", "-m", "1", LOGIN, log_file).stdout.splitlines()

    assert lines[0] == f"match  ConsoleLogin  {log_file} record 1"
    assert lines[3:] == [
        "1 more events are not shown (see -m)",
        "",
        "1 of 2 events match; each condition held for",
        "  1  $.eventName = ConsoleLogin",
    ]


def test_explanations_for_programs(log_file: Path) -> None:
    """With ``--json`` each event has its conditions; the search ends after ``-m``."""
    result = run("--explain", "--json", "-m", "1", "{ $.x = 1 }", log_file)

    assert json.loads(result.stdout) == {
        "file": str(log_file),
        "record": 1,
        "event": json.loads(ALICE),
        "matches": False,
        "conditions": [
            {"condition": "$.x = 1", "position": 2, "held": False, "seen": []}
        ],
    }
    assert result.exit_code == 1


def test_explanations_for_programs_say_why_at_all() -> None:
    """The reason, and which terms have no say, stand in the object as well."""
    no_json = run("--explain", "--json", LOGIN, stdin="hello\n")
    terms = run("--explain", "--json", "a ?b", stdin="a\n")

    assert json.loads(no_json.stdout)["reason"].startswith("the message is not one")
    assert json.loads(terms.stdout)["conditions"][1] == {
        "condition": "?b",
        "position": 2,
        "held": False,
        "seen": [],
        "ignored": True,
    }


def test_extensions_are_asked_for() -> None:
    """What CloudWatch Logs would refuse is refused without ``--extensions``."""
    pattern = "{ $.ip IN 10.0.0.0/8 }"
    event = '{"ip":"10.1.2.3"}'

    assert run(pattern, stdin=event).exit_code == 2
    assert run("--extensions", pattern, stdin=event).stdout == f"{event}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("--explain", "-c"),
        ("--explain", "-v"),
        ("--extract", "-v"),
        ("--raw", "--json"),
        ("--rules", "x.yaml", "-c"),
        ("--rules", "x.yaml", "-m", "3"),
    ],
    ids=" ".join,
)
def test_contradictions_are_refused(words: tuple[str, ...]) -> None:
    """Options that make no sense together are wrong usage, and named."""
    result = run(*words, LOGIN)

    assert "exclude each other" in result.stderr
    assert (result.stdout, result.exit_code) == ("", 2)


def test_a_pattern_is_needed() -> None:
    """Without a pattern and without rules there is nothing to search for."""
    result = run()

    assert "neither a PATTERN nor --rules" in result.stderr
    assert result.exit_code == 2


RULES = """\
metric_filters:
  - {name: logins, pattern: '{ $.eventName = ConsoleLogin }', alarm: {}}
  - {name: stops, pattern: StopLogging}
"""


def test_rules_instead_of_a_pattern(log_file: Path, tmp_path: Path) -> None:
    """All words are input then, but for further rule files."""
    rules, more = tmp_path / "a.yaml", tmp_path / "b.yml"
    rules.write_text(RULES)
    more.write_text("metric_filters: [{name: none, pattern: '{ $.x = 1 }'}]")

    result = run("--rules", rules, more, log_file, log_file)

    assert result.stdout.splitlines() == [
        "2\t-\t-\tlogins\t{ $.eventName = ConsoleLogin }",
        "2\t-\t-\tstops\tStopLogging",
        "0\t-\t-\tnone\t{ $.x = 1 }",
    ]
    assert result.exit_code == 0


def test_rules_over_standard_input(tmp_path: Path) -> None:
    """Without files the events come from there; no hit is exit status 1."""
    rules = tmp_path / "a.yaml"
    rules.write_text(RULES)

    result = run("--rules", rules, "--json", stdin="hello\n")

    assert [json.loads(line)["hits"] for line in result.stdout.splitlines()] == [0, 0]
    assert result.exit_code == 1


def test_invalid_rules_are_refused(tmp_path: Path) -> None:
    """Every problem is told with its file and line, and nothing is searched."""
    rules = tmp_path / "a.yaml"
    rules.write_text(RULES + "  - {name: bad, pattern: '{ $.a == 1 }'}\n")

    result = run("--rules", rules, tmp_path / "nowhere")

    assert f"{rules}:4: metric_filters[2].pattern" in result.stderr
    assert "nowhere" not in result.stderr
    assert (result.stdout, result.exit_code) == ("", 2)


def test_rules_over_an_unreadable_file(log_file: Path, tmp_path: Path) -> None:
    """It is reported, and the other files are searched."""
    rules = tmp_path / "a.yaml"
    rules.write_text(RULES)

    result = run("--rules", rules, tmp_path / "nowhere", log_file)

    assert result.stderr.startswith(f"relay match: {tmp_path / 'nowhere'}: No such")
    assert result.stdout.startswith("1\t")
    assert result.exit_code == 2


def test_a_table_on_a_real_terminal(log_file: Path) -> None:
    """On a terminal there is a heading, a row for each event, and colours."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, ANYTHING, str(log_file)],
        stdout=child,
        stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "NO_COLOR": ""},
    )
    _, stderr = process.communicate(timeout=30)
    os.close(child)
    heading, alice, bob = os.read(parent, 65536).decode().splitlines()
    os.close(parent)

    assert "principal" in heading
    assert "ConsoleLogin" in alice
    assert "StopLogging" in bob
    assert "\x1b[" in alice
    assert (stderr, process.returncode) == (b"", 0)
