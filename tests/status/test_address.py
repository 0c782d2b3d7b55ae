"""relay.status.address: only telemetry.listen is looked at, whatever else is there."""

from pathlib import Path

import pytest

from relay.errors import ConfigError
from relay.status.address import address_in


def written(folder: Path, text: str) -> Path:
    """Write a configuration."""
    path = folder / "relay.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ('telemetry: {listen: "127.0.0.1:7000"}', "http://127.0.0.1:7000"),
        ('telemetry: {listen: "0.0.0.0:7000"}', "http://127.0.0.1:7000"),
        ('telemetry: {listen: "[::]:7000"}', "http://[::1]:7000"),
        ('telemetry: {listen: "[::1]:7000"}', "http://[::1]:7000"),
        ("telemetry: {log: {level: debug}}", "http://127.0.0.1:9815"),
        ("logs: {group: /x}", "http://127.0.0.1:9815"),
        ("[]", "http://127.0.0.1:9815"),
    ],
)
def test_address_is_where_the_daemon_listens(
    tmp_path: Path, text: str, address: str
) -> None:
    """On this machine, also when it listens for all; the default without the option."""
    assert address_in(written(tmp_path, text)) == address


def test_other_sections_may_lack_what_only_the_daemon_has(tmp_path: Path) -> None:
    """A secret of the service's own environment keeps nobody from asking."""
    path = written(
        tmp_path,
        'source: {queue_url: "${ONLY_THE_SERVICE}"}\ntelemetry: {listen: "${WHERE}"}',
    )

    address = address_in(path, environment={"WHERE": "127.0.0.1:7001"})

    assert address == "http://127.0.0.1:7001"


def test_the_token_is_not_needed_to_ask(tmp_path: Path) -> None:
    """Whoever may not read it may ask how the daemon is."""
    text = 'telemetry: {listen: "127.0.0.1:7000", token: "%s"}'

    for token in ("${ONLY_THE_SERVICE}", "file:/no/such/file"):
        path = written(tmp_path, text % token)
        assert address_in(path, environment={}) == "http://127.0.0.1:7000"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("telemetry: {listen: nowhere}", "telemetry.listen"),
        ("telemetry: {lisen: x}", "telemetry.lisen"),
        ('telemetry: {listen: "${NOT_THERE}"}', "NOT_THERE"),
        ('telemetry: {listen: "127.0.0.1:0"}', "give --url"),
        ("telemetry: {", "relay.yaml:1"),
    ],
)
def test_unusable_address_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """With file, line and option, as relay check would say it."""
    path = written(tmp_path, text)

    with pytest.raises(ConfigError) as raised:
        address_in(path, environment={})

    assert f"{path}:" in str(raised.value)
    assert said in str(raised.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(ConfigError, match=r"nope\.yaml: cannot be read"):
        address_in(tmp_path / "nope.yaml")
