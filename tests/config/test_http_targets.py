"""What is said of the targets of HTTP, chat, incidents and logs."""

from pathlib import Path
from typing import Any

import pytest
import trustme

from relay.config.http_targets import WebhookTarget
from relay.config.load import examine
from relay.config.log_targets import FileTarget, SyslogTarget
from relay.config.notify_section import Receiver
from relay.config.refusal import Reading

CONFIG = """
source: {{queue_url: http://localhost/1/q, buckets: [abc]}}
logs: {{group: /x}}
notify:
  receivers: [{{name: a, {target}}}]
  route: {{receiver: a}}
"""


def problems(folder: Path, target: str) -> list[str]:
    """Return what is wrong with a configuration of one target, without its place."""
    path = folder / "relay.yaml"
    path.write_text(CONFIG.format(target=target))
    return [each.message for each in examine(path, environment={}).problems]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (
            "webhook: [{url: 'http://x', body: a, template: b}]",
            "has both body and template; give one of them",
        ),
        (
            "webhook: [{url: 'http://x', bearer_token: a,"
            " basic_auth: {username: b, password: c}}]",
            "has both basic_auth and bearer_token; give one of them",
        ),
        (
            "webhook: [{url: 'http://x', bearer_token: a, "
            " headers: {authorization: b}}]",
            "has a header Authorization beside another login",
        ),
        (
            "webhook: [{url: 'http://x', content_type: json}]",
            "is no content type; it looks like application/json",
        ),
        (
            "webhook: [{url: 'http://x', tls: {key_file: a}}]",
            "has a key_file without a cert_file",
        ),
        (
            "webhook: [{url: 'http://x', tls: {ca_file: nowhere.pem}}]",
            "nowhere.pem is no file",
        ),
        (
            "webhook: [{url: 'http://x', tls: {ca_file: relay.yaml}}]",
            "cannot be used: ",
        ),
        ("slack: [{}]", "needs either url (incoming webhook) or token (bot)"),
        (
            "slack: [{url: 'http://x', token: a, channel: b}]",
            "needs either url (incoming webhook) or token (bot)",
        ),
        ("slack: [{token: a}]", "needs channel with token, and takes none with url"),
        ("telegram: [{token: a, chat_id: ops}]", "is no chat: a number, or @channel"),
        ("telegram: [{token: a, chat_id: true}]", "true is no text"),
        ("jira: [{url: 'http://x', project: A, labels: ['a b']}]", "is no label"),
        ("syslog: [{host: a, protocol: udp, tls: {}}]", "has tls, but the protocol"),
        ("syslog: [{host: a, app_name: 'a b'}]", "is no app name"),
        ("apprise: [{url: nowhere}]", "is no URL that apprise takes"),
    ],
)
def test_a_wrong_target_is_told(tmp_path: Path, target: str, expected: str) -> None:
    """With what is allowed."""
    found = problems(tmp_path, target)

    assert any(expected in each for each in found), found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise's own imports
def test_apprise_judges_its_urls(tmp_path: Path) -> None:
    """When a file is read, so that nothing is found out too late."""
    found = problems(tmp_path, "apprise: [{url: 'nosuch://s3cret'}]")

    assert len(found) == 1
    assert "is no URL that apprise knows" in found[0]
    assert "s3cret" not in found[0]
    assert problems(tmp_path, "apprise: [{url: 'json://localhost/x'}]") == []


def test_apprise_is_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not have it is told how to get it."""
    monkeypatch.setattr("relay.config.chat_targets.is_apprise_installed", lambda: False)

    (found,) = problems(tmp_path, "apprise: [{url: 'json://localhost/x'}]")

    assert "needs the extra: pip install 'cloudtrail-relay[apprise]'" in found


def test_an_encrypted_key_asks_nobody(tmp_path: Path) -> None:
    """It is a fault like any other, not a question at a terminal."""
    authority = trustme.CA()
    client = authority.issue_cert("relay.example.com")
    client.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    (tmp_path / "key.pem").write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n")

    found = problems(
        tmp_path,
        "webhook: [{url: 'http://x', tls: {cert_file: cert.pem, key_file: key.pem}}]",
    )

    assert len(found) == 1
    assert "cannot be used" in found[0]


@pytest.mark.parametrize(
    ("path", "expected"), [("a/b", "/etc/relay/a/b"), ("/a", "/a"), ("-", "-")]
)
def test_a_relative_path_starts_at_the_file_that_names_it(
    path: str, expected: str
) -> None:
    """But a hyphen is standard output."""
    reading = Reading(folder=Path("/etc/relay"))

    target = FileTarget.model_validate({"path": path}, context=reading)

    assert target.path == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("application/cloudevents+json", True),
        ("text/plain", False),
        ("application/jsonl", False),
    ],
)
def test_what_calls_itself_json_must_be(content_type: str, expected: bool) -> None:
    """So that a template's mistake is found."""
    target = {"url": "http://localhost", "content_type": content_type}

    assert WebhookTarget.model_validate(target).is_json is expected


def test_the_defaults_are_the_safe_ones() -> None:
    """TLS, no metadata addresses, synced files."""
    receiver = Receiver.model_validate(
        {
            "name": "a",
            "webhook": [{"url": "http://localhost"}],
            "syslog": [{"host": "localhost"}],
            "file": [{"path": "x"}],
        }
    )

    assert not receiver.webhook[0].allow_link_local
    assert receiver.syslog == (SyslogTarget(host="localhost", protocol="tls"),)
    assert receiver.file[0].fsync


def test_a_chats_number_may_be_a_number() -> None:
    """As YAML reads it."""
    options: dict[str, Any] = {"token": "x", "chat_id": -100123}

    receiver = Receiver.model_validate({"name": "a", "telegram": [options]})

    assert receiver.telegram[0].chat_id == "-100123"
