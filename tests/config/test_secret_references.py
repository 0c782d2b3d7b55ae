"""Tests of references to secrets that AWS keeps."""

import pytest

from relay.config.secret_references import (
    SecretReference,
    SecretSource,
    names_aws,
    parse_reference,
)

SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hooks/x-AbCdEf"
PARAMETER_ARN = "arn:aws:ssm:eu-central-1:123456789012:parameter/relay/hook"


@pytest.mark.parametrize(
    ("text", "source", "name", "key", "region"),
    [
        ("secretsmanager:a/b_+=.@-c", "secretsmanager", "a/b_+=.@-c", None, None),
        ("secretsmanager:a#token", "secretsmanager", "a", "token", None),
        ("secretsmanager:a#x#y", "secretsmanager", "a", "x#y", None),
        (
            f"secretsmanager:{SECRET_ARN}#url",
            *("secretsmanager", SECRET_ARN, "url", "eu-west-1"),
        ),
        ("ssm:/relay/hook", "ssm", "/relay/hook", None, None),
        ("ssm:/relay/hook:3", "ssm", "/relay/hook:3", None, None),
        (f"ssm:{PARAMETER_ARN}", "ssm", PARAMETER_ARN, None, "eu-central-1"),
    ],
)
def test_a_reference_is_read_and_written(
    text: str, source: str, name: str, key: str | None, region: str | None
) -> None:
    """And it knows the region of an ARN."""
    reference = parse_reference(text)

    assert reference == SecretReference(source=SecretSource(source), name=name, key=key)
    assert str(reference) == text
    assert reference.region == region


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ssm:relay/hook", "is no parameter"),
        ("ssm:/", "is no parameter"),
        ("ssm:/a b", "is no parameter"),
        ("ssm:", "is no parameter"),
        ("secretsmanager:", "is no secret"),
        ("secretsmanager:a b", "is no secret"),
        ("secretsmanager:a#", "is no secret"),
        ("secretsmanager:arn:aws:s3:::bucket", "is no secret"),
    ],
)
def test_what_is_none_is_refused(text: str, expected: str) -> None:
    """With the form that there is."""
    with pytest.raises(ValueError, match=expected):
        parse_reference(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ssm:x", True),
        ("secretsmanager:x", True),
        ("ssm", False),
        ("file:x", False),
        ("https://x", False),
    ],
)
def test_the_first_word_tells(text: str, expected: bool) -> None:
    """Whatever follows it: a mistake in it is to be told."""
    assert names_aws(text) is expected
