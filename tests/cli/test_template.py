"""``relay template`` shows what a template makes of samples."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from relay.cli.template import template
from relay.notify.content.samples import Sample

CONFIG = """\
source: {queue_url: http://localhost/1/q, buckets: [abc]}
logs: {group: /x}
notify:
  accounts: {111122223333: prod}
  templates: [parts.j2]
  receivers: [{name: pager}]
  route: {receiver: pager}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(template, words)


def render(text: str, *words: str, name: str = "a.txt.j2") -> Result:
    """Render a template of this text."""
    Path(name).write_text(text)
    return run("render", name, *words)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("alarm", "ALARM console-login-failures\n"),
        ("resolved", "OK console-login-failures\n"),
        ("grouped", "ALARM root-account-used\n"),
        ("composite", "ALARM break-in\n"),
        ("minimal", "ALARM sample\n"),
    ],
)
def test_every_sample_is_rendered(sample: str, expected: str) -> None:
    """As it would be sent; the first alarm is the worst."""
    result = render("{{ view.state }} {{ alarm.name }}", "--sample", sample)

    assert (result.exit_code, result.stdout) == (0, expected)


def test_the_name_says_the_medium_or_the_flavour_does() -> None:
    """A template is escaped for what it is for."""
    html = render("{{ '<b>' }}", name="a.html.j2")
    slack = render("{{ link('x', 'https://a.example/') }}", "-f", "slack", name="a.j2")

    assert html.stdout == "&lt;b&gt;\n"
    assert slack.stdout == "<https://a.example/|x>\n"


def test_a_receiver_brings_its_configuration() -> None:
    """Names of accounts, log groups, and the other templates."""
    Path("relay.yaml").write_text(CONFIG)
    Path("parts.j2").write_text("part")

    result = render(
        "{{ alarm.where }} {{ view.receiver }} {% include 'parts.j2' %}\n",
        *("--receiver", "pager", "--config", "relay.yaml"),
    )

    assert result.stdout == "prod (111122223333), eu-west-1 pager part\n"


def test_a_sample_can_be_changed() -> None:
    """What the command sample prints can be rendered again."""
    sample = json.loads(run("sample", "alarm").stdout)
    sample["notifications"][0]["alarm"] = "mine"
    Path("mine.json").write_text(json.dumps(sample))

    result = render("{{ alarm.name }}", "--sample", "mine.json")

    assert result.stdout == "mine\n"


@pytest.mark.parametrize("sample", list(Sample))
def test_samples_are_printed(sample: Sample) -> None:
    """As JSON."""
    printed = json.loads(run("sample", sample).stdout)

    assert printed["receiver"] == "sample"


def test_a_template_that_fails_is_a_failure() -> None:
    """With the line."""
    result = render("a\n{{ alarm.titel }}")

    assert result.exit_code == 1
    assert result.stderr == (
        "relay template: a.txt.j2:2: 'AlarmView' has no attribute 'titel'\n"
    )


@pytest.mark.parametrize(
    ("name", "words", "problem"),
    [
        ("a.txt", (), "a.txt is no template: its name must end with .j2"),
        ("a.j2", (), "a.j2 does not say what it is for; add --flavour"),
        ("a.docx.j2", (), "a.docx.j2: docx is no medium; known are txt,"),
        (
            "a.txt.j2",
            ("-s", "x.json"),
            "x.json is no sample (alarm, resolved, grouped,",
        ),
        ("a.txt.j2", ("-s", "bad.json"), "bad.json: "),
        ("a.txt.j2", ("-s", "empty.json"), "empty.json: notifications is empty"),
        ("a.txt.j2", ("-r", "x", "-c", "relay.yaml"), "x is no receiver; known are:"),
        ("a.txt.j2", ("-r", "x", "-c", "gone.yaml"), "gone.yaml: "),
    ],
)
def test_what_cannot_be_used_is_invalid(
    name: str, words: tuple[str, ...], problem: str
) -> None:
    """A file, a name, the configuration."""
    Path("relay.yaml").write_text(CONFIG.replace("parts.j2", "a.txt.j2"))
    Path("bad.json").write_text("{}")
    Path("empty.json").write_text('{"id": "a", "receiver": "b", "notifications": []}')

    result = render("x", *words, name=name)

    assert result.exit_code == 2
    assert result.stderr.startswith(f"relay template: {problem}")
