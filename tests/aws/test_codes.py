"""relay.aws.codes: a verdict for every code, and for those that nobody has heard of."""

import pytest

from relay.aws.codes import REFUSED_CREDENTIALS, Verdict, judge
from relay.errors import Reason


@pytest.mark.parametrize(
    ("code", "text", "status", "reason", "may_pass"),
    [
        ("SlowDown", "", 503, Reason.THROTTLED, True),
        ("NoSuchKey", "", 404, Reason.NO_SUCH_KEY, False),
        ("PermanentRedirect", "", 301, Reason.WRONG_REGION, True),
        ("IncorrectEndpoint", "", 400, Reason.WRONG_REGION, True),
        ("TemporaryRedirect", "", 307, Reason.UNAVAILABLE, True),
        (
            "AuthorizationHeaderMalformed",
            "the region 'us-east-1' is wrong; expecting 'eu-west-1'",
            400,
            Reason.WRONG_REGION,
            True,
        ),
        (
            "AuthorizationHeaderMalformed",
            "a non-empty Access Key (AKID) must be provided",
            400,
            Reason.CREDENTIALS,
            True,
        ),
        ("KMS.Unheard", "", 400, Reason.KMS, True),
        ("KMS.ThrottlingException", "", 400, Reason.THROTTLED, True),
        ("AccessDenied", "not authorized: KMS:Decrypt", 403, Reason.KMS, True),
        ("AccessDenied", "", 403, Reason.ACCESS_DENIED, True),
        ("Unheard", "", 403, Reason.ACCESS_DENIED, True),
        ("ResourceConflictException", "", 409, Reason.UNAVAILABLE, True),
        ("SendingPausedException", "", 400, Reason.ACCESS_DENIED, True),
        ("MessageRejected", "", 400, Reason.REFUSED, False),
        ("ParameterNotFound", "", 400, Reason.NOT_FOUND, False),
        ("Unheard", "", 429, Reason.THROTTLED, True),
        ("Unheard", "", 302, Reason.UNAVAILABLE, True),
        ("Unheard", "", 500, Reason.UNAVAILABLE, True),
        ("Unheard", "", 404, Reason.NOT_FOUND, False),
        ("Unheard", "", 400, Reason.INVALID, False),
    ],
)
def test_verdict(
    code: str, text: str, status: int, reason: Reason, may_pass: bool
) -> None:
    """The code decides, then AWS's text, then the status."""
    assert judge(code, text, status) == Verdict(reason=reason, may_pass=may_pass)


@pytest.mark.parametrize("code", sorted(REFUSED_CREDENTIALS))
def test_refused_credentials_are_a_matter_of_credentials(code: str) -> None:
    """Whatever others are looked for after is counted as that when none help."""
    assert judge(code, "", 403) == Verdict(reason=Reason.CREDENTIALS, may_pass=True)
