"""relay.status.token: where the token is looked for."""

from pathlib import Path

import pytest

from relay.errors import ConfigError
from relay.status.token import token_in
from tests.status.test_address import written


def test_the_environment_comes_first(tmp_path: Path) -> None:
    """Then no configuration is needed."""
    assert token_in(tmp_path / "no", environment={"RELAY_TOKEN": "x"}) == "x"


def test_else_it_is_the_configurations(tmp_path: Path) -> None:
    """As the daemon reads it, whatever is wrong elsewhere."""
    (tmp_path / "token").write_text("from-file\n")
    path = written(tmp_path, 'aws: "${NO}"\ntelemetry: {token: "file:token"}')

    assert token_in(path, environment={}) == "from-file"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("telemetry: {}", "telemetry.token: is missing"),
        ("logs: {}", "telemetry.token: is missing"),
        ("[]", "telemetry.token: is missing"),
        ('telemetry: {token: "${NO}"}', "environment variable NO is not set"),
        ("telemetry: {tokn: x}", "telemetry.tokn"),
        ("a: [", "relay.yaml"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, text: str, said: str) -> None:
    """With file and option."""
    with pytest.raises(ConfigError) as raised:
        token_in(written(tmp_path, text), environment={})

    assert said in str(raised.value)


def test_a_token_in_aws_is_not_fetched(tmp_path: Path) -> None:
    """Whoever ends a silence need not have the daemon's credentials."""
    path = written(tmp_path, 'telemetry: {token: "secretsmanager:relay/token"}')

    with pytest.raises(ConfigError, match="give it as RELAY_TOKEN"):
        token_in(path, environment={})
