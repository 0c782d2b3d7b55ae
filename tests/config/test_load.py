"""Tests of loading a configuration: all of it, or every problem of every file."""

from pathlib import Path

import pytest

from relay.config.load import examine, load
from relay.config.secrets import Secret
from relay.errors import ConfigError
from tests.config.conftest import MINIMAL, Examine, lines

FILTER = "metric_filters: [{name: f, pattern: '{ $.a = b }', alarm: {}}]\n"


def test_a_minimal_file_loads_with_all_defaults(examined: Examine) -> None:
    """Only the queue, the buckets and the log group have no default."""
    report = examined(MINIMAL)

    assert report.loaded is not None
    config = report.loaded.config
    assert config.source.visibility_timeout == 300.0
    assert config.source.max_in_flight.bytes == 256 * 2**20
    assert config.logs.stream == "{account}_CloudTrail_{region}"
    assert config.state.url == "sqlite:///var/lib/relay/state.db"
    assert report.loaded.rules.filters == ()
    assert report.loaded.warnings == ()


def test_load_raises_every_problem_of_every_file(tmp_path: Path) -> None:
    """Problems name file, line and option; none hides another."""
    config = tmp_path / "relay.yaml"
    config.write_text(
        "source: {queue_url: x, buckets: [B]}\nlogs: {grup: /x}\n"
        "notify: {receivers: [{name: a}], route: {receiver: b}}\n"
        "rules: [one.yaml, two.yaml]\n"
    )
    (tmp_path / "one.yaml").write_text("metric_filters: [{name: f}]\n")
    (tmp_path / "two.yaml").write_text("alarms: [{name: '', metric: x}]\n")

    with pytest.raises(ConfigError) as caught:
        load(config, environment={})

    found = [problem.split(": ")[:2] for problem in caught.value.problems]
    assert found == [
        [f"{config}:1", "source.queue_url"],
        [f"{config}:1", "source.buckets[0]"],
        [f"{config}:2", "logs.group"],
        [f"{config}:2", "logs.grup"],
        [f"{config}:3", "notify.route.receiver"],
        [f"{tmp_path}/one.yaml:1", "metric_filters[0].pattern"],
        [f"{tmp_path}/two.yaml:1", "alarms[0].name"],
        [f"{tmp_path}/two.yaml:1", "alarms[0].metric"],
    ]


def test_load_returns_what_examine_found(tmp_path: Path) -> None:
    """Without problems both give the same."""
    config = tmp_path / "relay.yaml"
    config.write_text(MINIMAL)

    assert load(config, environment={}) == examine(config, environment={}).loaded


def test_the_processs_own_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else needs to read it."""
    monkeypatch.setenv("RELAY_TEST_GROUP", "/from/environment")
    config = tmp_path / "relay.yaml"
    config.write_text(MINIMAL.replace("/relay/cloudtrail", '"${RELAY_TEST_GROUP}"'))

    assert load(config).config.logs.group == "/from/environment"


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(ConfigError, match=r"nope\.yaml: cannot be read: No such file"):
        load(tmp_path / "nope.yaml", environment={})


def test_a_file_that_is_no_mapping_is_a_problem(examined: Examine) -> None:
    """A list is no configuration."""
    assert lines(examined("- source: logs:\n".replace("logs:", "x"))) == [
        "relay.yaml:1: a list is no mapping; write key: value"
    ]


def test_the_environment_gives_numbers_and_switches(examined: Examine) -> None:
    """A reference always brings a text; the option's type decides."""
    report = examined(
        "source:\n"
        "  queue_url: ${URL}\n  buckets: ['${BUCKET}-logs']\n  pollers: ${POLLERS}\n"
        "logs: {group: /x, create: {group: '${CREATE}'}}\n",
        environment={
            "URL": "http://localhost:1/1/q",
            "BUCKET": "my",
            "POLLERS": "3",
            "CREATE": "false",
        },
    )

    assert report.loaded is not None
    assert report.loaded.config.source.buckets == ("my-logs",)
    assert report.loaded.config.source.pollers == 3
    assert report.loaded.config.logs.create.group is False


def test_a_missing_variable_is_one_problem(examined: Examine) -> None:
    """That the option is empty then is no second one."""
    assert lines(examined("aws: {region: '${NOPE}'}\n")) == [
        "relay.yaml:1: aws.region: the environment variable NOPE is not set"
    ]


def test_messages_never_show_what_the_environment_held(examined: Examine) -> None:
    """A secret put into the wrong option stays unseen."""
    report = examined(
        "aws: {region: '${S}', endpoint_url: '${S}'}\n"
        "source: {queue_url: '${S}', buckets: ['${S}'], visibility_timeout: '${S}'}\n"
        "logs: {group: '${S}', stream: '${S}', timestamp: '${S}',"
        " routes: [{match: '${S}', drop: '${S}'}], create: {tags: {a: '${S}'}}}\n"
        "notify: {receivers: [{name: a, sqs: '${S}'}, {name: b, sqs: ['${S}']}]}\n"
        "rules: ['${S}']\n"
        "state: {url: '${S}'}\ntelemetry: {listen: '${S}', log: '${S}'}\n",
        environment={"S": "{ hunter2: $.== *"},
    )

    assert len(report.problems) >= 13
    assert not [text for text in lines(report) if "hunter2" in text]
    assert (
        "relay.yaml:1: aws.region: '${S}' is no region; it looks like eu-west-1"
        in lines(report)
    )


@pytest.mark.parametrize(
    "text",
    [
        "notify: {receivers: [{name: a, webhook: hunter2}]}",
        "notify: {receivers: [{name: a, webhook: [hunter2]}]}",
        "notify: {receivers: [{name: a, webhook: [{url: hunter2}]}]}",
        "notify: {receivers: [{name: a, webhook: [{url: 'h://a', secret: hunter2}]}]}",
        "notify: {receivers: [{name: a, webhook: [{url: 'h://a', headers: hunter2}]}]}",
        "notify: {receivers: [{name: a, webhook:"
        ' [{url: "http://a", headers: {X: "hunter2\\n"}}]}]}',
        "aws: {assume_role: hunter2}",
        "state: {url: 'redis://user:hunter2@host/0'}",
    ],
)
def test_messages_never_show_a_secret(examined: Examine, text: str) -> None:
    """Neither a bad secret nor one that stands in the wrong place is shown."""
    report = examined(f"{text}\n")

    assert report.problems
    assert not [line for line in lines(report) if "hunter2" in line]


def test_secrets_come_from_files_beside_the_configuration(
    examined: Examine, tmp_path: Path
) -> None:
    """A relative path starts at relay.yaml's folder."""
    (tmp_path / "secret").write_text("s3cret\n")
    report = examined(
        "notify:\n  receivers:\n"
        "    - {name: a, webhook: [{url: 'https://a', hmac_secret: 'file:secret'}]}\n"
        "  route: {receiver: a}\n"
    )

    assert report.loaded is not None
    webhook = report.loaded.config.notify.receivers[0].webhook[0]
    assert webhook.hmac_secret == Secret("s3cret")


def test_log_routes_are_compiled_in_order(examined: Examine) -> None:
    """The daemon gets the patterns ready to match."""
    report = examined(
        MINIMAL.replace(
            "}\n",
            ", routes: [{match: '{ $.a = 1 }', drop: true},"
            " {match: '{ $.b = 1 || $.c = 1 && $.d = 1 }', stream: x}]}\n",
        )
    )

    assert report.loaded is not None
    assert [each.matches('{"a": 1}') for each in report.loaded.log_matches] == [
        True,
        False,
    ]
    assert report.loaded.warnings[0].startswith("relay.yaml:4: logs.routes[1].match: ")


def test_rule_files_are_found_relative_to_the_configuration(tmp_path: Path) -> None:
    """The folder's own name may hold glob characters; no file is read twice."""
    folder = tmp_path / "etc[1]"
    (folder / "rules.d").mkdir(parents=True)
    (folder / "relay.yaml").write_text(
        MINIMAL + "rules: [rules.d/*.yaml, rules.d/a.yaml, rules.d/../rules.d/a.yaml]\n"
    )
    (folder / "rules.d" / "a.yaml").write_text(FILTER)
    (folder / "rules.d" / "b.yaml").write_text(FILTER.replace("f,", "g,"))

    loaded = load(folder / "relay.yaml", environment={})

    assert [each.name for each in loaded.rules.filters] == ["f", "g"]
    assert loaded.rules.filters[0].origin == f"{folder}/rules.d/a.yaml:1"


def test_a_rule_file_that_is_not_there_is_a_problem(examined: Examine) -> None:
    """A name without a wildcard must name a file; with one it may match nothing."""
    report = examined("rules: [a.yaml, b/*.yaml, ., {}]\n")
    assert lines(report) == [
        "relay.yaml:1: rules[3]: a mapping is no text",
    ]

    report = examined("rules: [a.yaml, b/*.yaml, .]\n")
    assert lines(report) == [
        "relay.yaml:1: rules[0]: 'a.yaml' names no file",
        "relay.yaml:1: rules[2]: '.' names a folder;"
        " name its files, as in rules.d/*.yaml",
    ]
    assert [str(each) for each in report.warnings] == [
        "relay.yaml:1: rules[1]: 'b/*.yaml' names no file"
    ]


def test_an_alarm_is_no_orphan_when_a_rule_file_is_missing(examined: Examine) -> None:
    """Its filter may stand in the file that is not there."""
    Path("rules.yaml").write_text("alarms: [{name: a, metric: N/M}]\n")

    assert lines(examined("rules: [nope.yaml, rules.yaml]\n")) == [
        "relay.yaml:1: rules[0]: 'nope.yaml' names no file"
    ]


def test_cross_checks_do_not_show_what_the_environment_held(examined: Examine) -> None:
    """A receiver's name that came from the environment is shown as it was written."""
    report = examined(
        "notify: {receivers: [{name: '${S}'}, {name: '${S}'}],"
        " route: {receiver: '${T}'}}\n"
        "rules: ['${S}']\n",
        environment={"S": "hunter2", "T": "hunter3"},
    )

    assert [text.split(": ", 2)[2].split(" ")[0] for text in lines(report)] == [
        "'${S}'",
        "'${T}'",
        "'${S}'",
    ]
    assert not [text for text in lines(report) if "hunter3" in text]
