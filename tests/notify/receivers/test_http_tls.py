"""TLS of HTTP targets: own authorities, client certificates."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from relay.errors import ConfigError, Reason, TransientError
from tests.notify.examples import bundle
from tests.notify.receivers.http_targets import sender_of
from tests.support.webhook import Webhook, running_webhook


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority that the system does not know."""
    return trustme.CA()


def server_context(
    authority: trustme.CA, *, wants_client: bool = False
) -> ssl.SSLContext:
    """Return the TLS side of the server; it may want to know who calls."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if wants_client:
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
    return context


def section(hook: Webhook, **tls: str) -> dict[str, Any]:
    """Return the receiver's section."""
    return {"webhook": [{"url": f"{hook.origin}/x", "tls": tls}]}


async def test_an_own_authority_is_trusted(
    authority: trustme.CA, tmp_path: Path
) -> None:
    """When its certificate is named."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with (
        running_webhook(server_context(authority)) as hook,
        sender_of(section(hook, ca_file=str(tmp_path / "ca.pem"))) as sender,
    ):
        answer = await sender.send(bundle())

    assert answer == "200"


async def test_any_other_authority_is_not(authority: trustme.CA) -> None:
    """The certificate is always verified."""
    async with (
        running_webhook(server_context(authority)) as hook,
        sender_of(section(hook)) as sender,
    ):
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())

    assert caught.value.reason is Reason.NETWORK
    assert "ClientConnectorCertificateError" in str(caught.value)


@pytest.mark.parametrize("is_one_file", [True, False])
async def test_it_shows_who_it_is(
    authority: trustme.CA, tmp_path: Path, is_one_file: bool
) -> None:
    """By a client certificate; its key may stand in the same file."""
    client = authority.issue_cert("relay.example.com")
    files = {name: str(tmp_path / f"{name}.pem") for name in ("ca", "cert", "key")}
    authority.cert_pem.write_to_path(files["ca"])
    if is_one_file:
        client.private_key_and_cert_chain_pem.write_to_path(files["cert"])
        options = {"ca_file": files["ca"], "cert_file": files["cert"]}
    else:
        client.private_key_pem.write_to_path(files["key"])
        client.cert_chain_pems[0].write_to_path(files["cert"])
        options = {f"{name}_file": path for name, path in files.items()}
    async with (
        running_webhook(server_context(authority, wants_client=True)) as hook,
        sender_of(section(hook, **options)) as sender,
    ):
        answer = await sender.send(bundle())

    assert answer == "200"


async def test_without_a_certificate_the_server_refuses(
    authority: trustme.CA, tmp_path: Path
) -> None:
    """It may be put right beside the notification, so it waits."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with (
        running_webhook(server_context(authority, wants_client=True)) as hook,
        sender_of(section(hook, ca_file=str(tmp_path / "ca.pem"))) as sender,
    ):
        with pytest.raises(TransientError):
            await sender.send(bundle())

    assert hook.posted == []


async def test_a_missing_file_is_found_when_the_sender_is_built(tmp_path: Path) -> None:
    """Not when something has happened."""
    hook = Webhook(origin="https://hooks.example.com")

    with pytest.raises(ConfigError, match=r"nowhere\.pem is no file"):
        async with sender_of(section(hook, ca_file=str(tmp_path / "nowhere.pem"))):
            pass
