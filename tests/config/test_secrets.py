"""Tests of secrets: never shown, read from files while a configuration is read."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from relay.config.refusal import Reading
from relay.config.secret_references import (
    SecretReference,
    SecretSource,
    Unreadable,
)
from relay.config.secrets import Secret


class Holder(BaseModel):
    """A section with a secret."""

    secret: Secret


def read(text: object, folder: Path) -> Secret:
    """Return the secret that a file's ``text`` stands for."""
    holder = Holder.model_validate({"secret": text}, context=Reading(folder=folder))
    return holder.secret


def test_a_secret_never_shows_itself() -> None:
    """Whatever prints it, three stars come out."""
    holder = Holder(secret=Secret("hunter2"))

    shown = [
        repr(holder),
        str(holder.secret),
        f"{holder.secret}",
        holder.model_dump_json(),
    ]
    assert not any("hunter2" in text for text in shown)
    assert json.loads(shown[3]) == {"secret": "***"}


def test_reveal_returns_the_text() -> None:
    """The point of use gets the text."""
    assert Secret("hunter2").reveal() == "hunter2"


def test_secrets_compare_by_text() -> None:
    """A reload sees whether a secret changed."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert hash(Secret("a")) == hash(Secret("a"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"s3cret", "s3cret"),
        (b"two\nlines\n\n", "two\nlines\n"),
        (b" blank ", " blank "),
    ],
)
def test_a_file_reference_is_its_content(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    """One line end is taken off, nothing else."""
    (tmp_path / "secret").write_bytes(content)

    assert read(f"file:{tmp_path}/secret", tmp_path).reveal() == expected
    assert read("file:secret", tmp_path / ".").reveal() == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read: .*secret: No such file or directory"),
        (b"\xffhunter2", "cannot be read: .*secret is no UTF-8 text"),
        (b"\n", "cannot be used: .*secret is empty"),
    ],
)
def test_an_unusable_file_is_refused_by_name(
    tmp_path: Path, content: bytes | None, expected: str
) -> None:
    """The path is told, the content is not."""
    if content is not None:
        (tmp_path / "secret").write_bytes(content)

    with pytest.raises(ValidationError, match=expected) as caught:
        read("file:secret", tmp_path)
    assert "hunter2" not in caught.value.errors()[0]["msg"]


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    """An unset variable must not become an empty key."""
    with pytest.raises(ValidationError, match="is empty"):
        read("", tmp_path)


def test_python_code_gives_text_or_secret() -> None:
    """Outside of a file ``file:`` has no meaning."""
    assert Holder.model_validate({"secret": "file:x"}).secret == Secret("file:x")


REFERENCE = SecretReference(source=SecretSource.SSM, name="/relay/hook")


def read_with(
    folder: Path, secrets: Mapping[SecretReference, str | Unreadable] | None
) -> Secret:
    """Return the secret at ``REFERENCE``, as AWS holds ``secrets``."""
    reading = Reading(folder=folder, secrets=secrets)
    return Holder.model_validate({"secret": str(REFERENCE)}, context=reading).secret


def test_a_secret_in_aws_is_not_known_before_it_was_read(tmp_path: Path) -> None:
    """A check without credentials sees that the reference is one, and no more."""
    secret = read_with(tmp_path, None)

    assert not secret.is_known
    assert secret.reference == REFERENCE
    assert repr(secret) == "***"
    with pytest.raises(ValueError, match="ssm:/relay/hook was not read"):
        secret.reveal()


def test_a_secret_in_aws_is_what_aws_holds(tmp_path: Path) -> None:
    """Not looked at again: what it holds is no reference to a file."""
    secret = read_with(tmp_path, {REFERENCE: "file:/etc/passwd"})

    assert secret.is_known
    assert secret.reveal() == "file:/etc/passwd"
    assert secret.reference == REFERENCE
    assert secret != Secret("file:/etc/passwd")


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        ({REFERENCE: Unreadable(why="denied")}, "cannot be read: denied"),
        ({REFERENCE: ""}, "is empty"),
        ({}, "is new: the file has changed"),
    ],
    ids=["unreadable", "empty", "new"],
)
def test_a_secret_in_aws_that_cannot_be_used_is_refused(
    tmp_path: Path,
    secrets: Mapping[SecretReference, str | Unreadable],
    expected: str,
) -> None:
    """With the reason."""
    with pytest.raises(ValidationError, match=expected):
        read_with(tmp_path, secrets)


def test_a_malformed_reference_is_refused(tmp_path: Path) -> None:
    """It is no secret by accident: secrets that start so are not to be had."""
    with pytest.raises(ValidationError, match="is no parameter"):
        read("ssm:hook", tmp_path)
