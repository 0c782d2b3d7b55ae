"""Tests of what is said of a wrong value: what was found, and what is allowed."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.config.refusal import Reading
from relay.config.rule_schema import RuleFile
from relay.config.schema import Config
from relay.config.source_map import Document
from relay.config.validation import validate
from tests.config.conftest import MINIMAL, Examine, lines

HERE = Reading(folder=Path())
SOURCE = "source: {queue_url: http://localhost/1/q, buckets: [abc]"
LOGS = "logs: {group: /x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("awz: {}", "awz: is no known key; did you mean aws?"),
        (
            "telemetry: {foo: 1}",
            "telemetry.foo: is no known key; known are listen, token, log",
        ),
        (
            "aws: {s3: {assume_role: {role_arm: x}}}",
            "aws.s3.assume_role.role_arm: is no known key; did you mean role_arn?",
        ),
        (
            "notify: {receivers: [{name: a, email: [{form: x}]}]}",
            "notify.receivers[0].email[0].form: is no known key; did you mean from?",
        ),
        (
            "aws: {assume_role: {}}",
            "aws.assume_role.role_arn: is missing; it has no default",
        ),
        (
            "aws: {assume_role: x}",
            "aws.assume_role: a text is no role;"
            " it looks like arn:aws:iam::123456789012:role/name",
        ),
        ("aws: 3", "aws: 3 is no mapping; write key: value"),
        ("aws:", "aws: nothing is no mapping; write key: value, or leave the key out"),
        ("aws: [a]", "aws: a list is no mapping; write key: value"),
        ("aws: {profile: ''}", "aws.profile: '' is empty"),
        (
            "rules: a.yaml",
            "rules: a text is no list; write [one, two], or one '- item' a line",
        ),
        ("rules: [7]", "rules[0]: 7 is no text; put it in quotes"),
        ("rules: [true]", "rules[0]: true is no text; put it in quotes"),
        (
            SOURCE + ", visibility_timeout: 5 minutes}",
            "source.visibility_timeout: '5 minutes' is no duration;"
            " write it as 90s, 5m or 1h30m",
        ),
        (
            SOURCE + ", visibility_timeout: 300}",
            "source.visibility_timeout: 300 has no unit;"
            " write 300s, or another of ms s m h d w",
        ),
        (
            SOURCE + ", visibility_timeout: [5m]}",
            "source.visibility_timeout: a list is no duration;"
            " write it as 90s, 5m or 1h30m",
        ),
        (
            SOURCE + ", visibility_timeout: 5s}",
            "source.visibility_timeout: '5s' is too small; at least 10s",
        ),
        (
            SOURCE + ", visibility_timeout: 13h}",
            "source.visibility_timeout: '13h' is too large; at most 12h",
        ),
        (
            SOURCE + ", max_in_flight: {bytes: 256}}",
            "source.max_in_flight.bytes: 256 has no unit;"
            " write 256B, or another of KiB MiB GiB",
        ),
        (
            SOURCE + ", max_in_flight: {bytes: lots}}",
            "source.max_in_flight.bytes: 'lots' is no size;"
            " write it as 64MiB, 1GiB or 512KiB",
        ),
        (
            SOURCE + ", max_in_flight: {bytes: true}}",
            "source.max_in_flight.bytes: true is no size;"
            " write it as 64MiB, 1GiB or 512KiB",
        ),
        (
            SOURCE + ", limits: {object: 0B}}",
            "source.limits.object: '0B' is too small; at least 1B",
        ),
        (SOURCE + ", pollers: 99}", "source.pollers: 99 is too large; at most 32"),
        (SOURCE + ", pollers: two}", "source.pollers: 'two' is no whole number"),
        (SOURCE + ", pollers: 2.0}", "source.pollers: 2.0 is no whole number"),
        (SOURCE + ", pollers: true}", "source.pollers: true is no whole number"),
        (
            "source: {queue_url: http://localhost/1/q, buckets: []}",
            "source.buckets: a list has too few entries; at least 1",
        ),
        (
            LOGS + ", create: {group: maybe}}",
            "logs.create.group: 'maybe' is neither true nor false",
        ),
        (
            LOGS + ", timestamp: now}",
            "logs.timestamp: 'now' is not allowed;"
            " write 'delivery', 'event_time' or 'arrival'",
        ),
        (
            LOGS + ", create: {tags: {'aws:x': a}}}",
            "logs.create.tags: has the tag 'aws:x': 1 to 128 characters,"
            " not starting 'aws:'",
        ),
        (
            LOGS + ", create: {tags: {x: " + "a" * 257 + "}}}",
            "logs.create.tags: has a value of over 256 characters for the tag 'x'",
        ),
        (
            LOGS
            + ", create: {tags: {"
            + ",".join(f"t{n}: a" for n in range(51))
            + "}}}",
            "logs.create.tags: has 51 tags; AWS takes 50",
        ),
        (
            LOGS + ", routes: [{match: '{ $.a = 1 }'}]}",
            "logs.routes[0]: changes nothing; give it group, stream or drop: true",
        ),
        (
            LOGS + ", routes: [{match: '{ $.a = 1 }', drop: true, stream: x}]}",
            "logs.routes[0]: has drop together with group or stream; keep one of them",
        ),
        (
            LOGS + ', stream: "{acount}"}',
            "logs.stream: '{acount}' is no template of"
            " {account}, {region}, {organization}, {kind}: {acount} is none",
        ),
        (
            "state: {url: 'redis://host/0'}",
            "state.url: 'redis://host/0' is not available in this version;"
            " write sqlite:///path/to/state.db",
        ),
        (
            "state: {url: /var/lib/x}",
            "state.url: '/var/lib/x' is no state store;"
            " write sqlite:///path/to/state.db",
        ),
        (
            "notify: {route: {receiver: a, routes: [{match: {1a: b}}]}}",
            "notify.route.routes[0].match.1a: the key '1a' is no label name:"
            " letters, digits and _, not starting with a digit",
        ),
        (
            "notify: {receivers: [{name: a, webhook:"
            " [{url: 'http://a', headers: {'a b': c}}]}]}",
            "notify.receivers[0].webhook[0].headers: has 'a b',"
            " which is no header's name",
        ),
        (
            "notify: {receivers: [{name: a, webhook: [{url: 'http://a',"
            ' headers: {A: "x\\ny"}}]}]}',
            "notify.receivers[0].webhook[0].headers: has control characters in the"
            " header 'A'",
        ),
        (
            "notify: {receivers: [{name: a, webhook: [{url: 3}]}]}",
            "notify.receivers[0].webhook[0].url: the secret is no text;"
            " put it in quotes",
        ),
        (
            "notify: {receivers: [{name: a, webhook: [{url: 'file:nope'}]}]}",
            "notify.receivers[0].webhook[0].url: 'file:nope' cannot be read:"
            " nope: No such file or directory",
        ),
        (
            "notify: {receivers: [{name: a, email: [{to: [a@b], from: c@d,"
            " smtp: {host: h, username: u}}]}]}",
            "notify.receivers[0].email[0].smtp: has only one of username and password;"
            " give both or none",
        ),
        (
            "telemetry: {listen: " + "x" * 100 + "}",
            f"telemetry.listen: '{'x' * 80}'... is no address;"
            " write host:port or [ipv6]:port",
        ),
    ],
)
def test_a_wrong_option_is_told_with_what_is_allowed(
    examined: Examine, text: str, expected: str
) -> None:
    """One line: file, line, option, what was found, what may stand there."""
    rest = {"source": SOURCE + "}", "logs": LOGS + "}"}
    rest.pop(text.partition(":")[0], None)

    report = examined("\n".join([text, *rest.values()]) + "\n")

    assert f"relay.yaml:1: {expected}" in lines(report)


def test_a_pattern_error_shows_the_place_in_the_pattern(examined: Examine) -> None:
    """A caret stands below the fault."""
    report = examined(
        MINIMAL.replace("}\n", ", routes: [{match: '{ $.a == 1 }', drop: true}]}\n")
    )

    first, shown, caret = lines(report)[0].splitlines()
    assert first.startswith(
        "relay.yaml:4: logs.routes[0].match: '{ $.a == 1 }' is no filter pattern: "
    )
    assert shown[caret.index("^") :].startswith("= 1 }")


def test_a_broken_entry_does_not_make_its_list_too_short(examined: Examine) -> None:
    """The entry's own problem is enough."""
    report = examined(MINIMAL.replace("trail-logs", "X"))

    assert [each.option for each in report.problems] == ["source.buckets[0]"]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
CONFIG_KEYS = sorted(
    {
        name
        for name in json.dumps(Config.model_json_schema()).split('"')
        if name.isidentifier()
    }
)


def grown(keys: list[str]) -> st.SearchStrategy[object]:
    """Return nested mappings of known keys with junk in them."""
    return st.recursive(
        JUNK,
        lambda inner: (
            st.dictionaries(st.sampled_from(keys), inner, max_size=4)
            | st.lists(inner, max_size=2)
        ),
        max_leaves=12,
    )


@pytest.mark.parametrize("model", [Config, RuleFile])
@settings(deadline=None)  # the machine may be busy
@given(data=st.data())
def test_whatever_stands_in_a_file_is_explained_in_our_words(
    model: type[Config] | type[RuleFile], data: st.DataObject
) -> None:
    """No junk makes validation fail, and no message is pydantic's own."""
    top = sorted(field.alias or name for name, field in model.model_fields.items())
    value = data.draw(
        st.dictionaries(st.sampled_from(top), grown(CONFIG_KEYS), max_size=3)
    )
    document = Document(file="f", value=value, lines={})

    _, problems = validate(model, document, HERE)

    for problem in problems:
        assert "should" not in problem.message.replace(repr(value), "")
        assert "not allowed here (" not in problem.message
