"""The header by which a target's login is shown."""

from base64 import b64encode

from relay.config.http_targets import OwnServer


def login_headers(target: OwnServer) -> dict[str, str]:
    """Return the header ``Authorization``; {} where no login is configured."""
    if target.bearer_token is not None:
        return {"Authorization": f"Bearer {target.bearer_token.reveal()}"}
    if target.basic_auth is not None:
        login = target.basic_auth
        pair = encoded(login.username.reveal(), login.password.reveal())
        return {"Authorization": f"Basic {pair}"}
    return {}


def encoded(username: str, password: str) -> str:
    """Return user and password as basic authentication sends them."""
    return b64encode(f"{username}:{password}".encode()).decode()


def login_secrets(target: OwnServer) -> tuple[str, ...]:
    """Return what of the login must not be shown."""
    header = login_headers(target).get("Authorization", "")
    password = target.basic_auth.password.reveal() if target.basic_auth else ""
    return (header.partition(" ")[2], password)
