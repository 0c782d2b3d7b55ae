"""relay.aws.redirects: a bucket elsewhere is read at once, once its region is named."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from structlog.testing import capture_logs

from relay.aws.clients import open_clients
from relay.aws.errors import translated
from relay.aws.redirects import named_region
from relay.config.aws_section import Aws
from relay.errors import Reason, RejectedError, TransientError
from tests.aws.s3_server import (
    BODY,
    QUEUE_URL,
    Asked,
    Fault,
    s3_server,
    without_network,
)

HEADER = {"x-amz-bucket-region": "eu-west-1"}
ENDPOINT = {"Endpoint": "logs.s3-eu-west-1.amazonaws.com"}
FORMS = {
    "301, header": Fault(status=301, code="PermanentRedirect", headers=HEADER),
    "301, endpoint": Fault(status=301, code="PermanentRedirect", members=ENDPOINT),
    "307, endpoint": Fault(status=307, code="TemporaryRedirect", members=ENDPOINT),
    "wrong signature": Fault(
        status=400,
        code="AuthorizationHeaderMalformed",
        members={"Region": "eu-west-1"},
    ),
    "opt-in region": Fault(
        status=400, code="IllegalLocationConstraintException", headers=HEADER
    ),
    "wrong endpoint": Fault(status=400, code="IncorrectEndpoint", members=ENDPOINT),
}


def elsewhere(fault: Fault) -> Callable[[Asked], Fault | None]:
    """Return answers of a bucket in eu-west-1 that is asked for in other regions."""
    return lambda asked: None if asked.region == "eu-west-1" else fault


async def read(s3: Any, bucket: str = "logs") -> bytes:  # noqa: ANN401 - aiobotocore is untyped
    """Read one object to the end."""
    with translated(f"s3://{bucket}/k"):
        response = await s3.get_object(Bucket=bucket, Key="k")
    async with response["Body"] as stream:
        body: bytes = await stream.read()
        return body


@pytest.mark.parametrize("fault", FORMS.values(), ids=FORMS.keys())
async def test_region_is_learnt_from_the_answer(fault: Fault) -> None:
    """The same call is made again at once, and the next one goes there directly."""
    with capture_logs() as logs:
        async with s3_server(elsewhere(fault)) as server:
            bodies = [await read(server.s3), await read(server.s3)]

    assert bodies == [BODY, BODY]
    assert [each.region for each in server.asked] == [
        "us-east-1",
        "eu-west-1",
        "eu-west-1",
    ]
    assert [each["bucket_region"] for each in logs] == ["eu-west-1"]


async def test_region_is_learnt_for_one_bucket() -> None:
    """Another bucket may well be where S3 is called."""

    def answer(asked: Asked) -> Fault | None:
        return elsewhere(FORMS["301, header"])(asked) if "far" in asked.path else None

    async with s3_server(answer) as server:
        await read(server.s3, "far")
        await read(server.s3, "near")
        await read(server.s3, "far")

    assert [each.region for each in server.asked] == [
        "us-east-1",
        "eu-west-1",
        "us-east-1",
        "eu-west-1",
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=301, code="PermanentRedirect"),
        Fault(status=400, code="IncorrectEndpoint"),
        Fault(status=301, code="PermanentRedirect", members={"Endpoint": "x.example"}),
        Fault(
            status=301,
            code="PermanentRedirect",
            headers={"x-amz-bucket-region": "x.example/#"},
        ),
    ],
    ids=["301", "400", "foreign endpoint", "no region at all"],
)
async def test_answer_that_names_no_region_is_asked_no_more(fault: Fault) -> None:
    """One request, no HeadBucket behind it, and nothing odd becomes a host."""
    async with s3_server(lambda _: fault) as server:
        with pytest.raises(TransientError) as caught:
            await read(server.s3)

    assert caught.value.reason is Reason.WRONG_REGION
    assert len(server.asked) == 1


async def test_region_that_does_not_help_is_tried_once() -> None:
    """At an endpoint of one region no other one can be reached: that is said."""
    fault = FORMS["301, header"]
    async with s3_server(lambda _: fault) as server:
        with pytest.raises(TransientError, match=r"it is in eu-west-1") as caught:
            await read(server.s3)

    assert caught.value.reason is Reason.WRONG_REGION
    assert [each.region for each in server.asked] == ["us-east-1", "eu-west-1"]


async def test_redirect_of_a_proxy_is_not_followed_up() -> None:
    """Something between relay and S3 that wants a log-in is an outage."""
    fault = Fault(status=302, code="", text="")
    async with s3_server(lambda _: fault) as server:
        with pytest.raises(TransientError) as caught:
            await read(server.s3)

    assert caught.value.reason is Reason.UNAVAILABLE
    assert len(server.asked) == 1


async def test_malformed_key_id_is_no_matter_of_the_region() -> None:
    """The same code says that the credentials are no credentials."""
    text = "The authorization header is malformed; a non-empty Access Key is needed"
    fault = Fault(status=400, code="AuthorizationHeaderMalformed", text=text)
    async with s3_server(lambda _: fault) as server:
        with pytest.raises(TransientError) as caught:
            await read(server.s3)

    assert caught.value.reason is Reason.CREDENTIALS


async def test_bucket_elsewhere_is_called_at_its_regions_own_host() -> None:
    """Without an endpoint of one's own, AWS's host of the learnt region is called."""
    fault = FORMS["301, header"]

    def answer(url: str) -> Fault:
        return Fault(status=404, code="NoSuchKey") if ".eu-west-1." in url else fault

    async with AsyncExitStack() as stack:
        aws = Aws(region="us-west-2")
        s3 = (await open_clients(stack, aws, queue_url=QUEUE_URL)).s3
        urls = without_network(s3, answer)
        with pytest.raises(RejectedError):
            await read(s3)

    assert urls == [
        "https://logs.s3.us-west-2.amazonaws.com/k",
        "https://logs.s3.eu-west-1.amazonaws.com/k",
    ]


@pytest.mark.parametrize(
    ("error", "headers", "region"),
    [
        ({}, {"x-amz-bucket-region": "me-central-1"}, "me-central-1"),
        ({"Region": "us-gov-west-1"}, {}, "us-gov-west-1"),
        ({"Endpoint": "b.s3.eu-west-1.amazonaws.com"}, {}, "eu-west-1"),
        ({"Endpoint": "s3-ap-southeast-2.amazonaws.com"}, {}, "ap-southeast-2"),
        ({"Endpoint": "b.s3.dualstack.sa-east-1.amazonaws.com"}, {}, "sa-east-1"),
        ({"Endpoint": "b.s3.cn-north-1.amazonaws.com.cn"}, {}, "cn-north-1"),
        ({"Endpoint": "b.s3.amazonaws.com"}, {}, None),
        ({"Region": "US"}, {}, None),
        ({}, {}, None),
    ],
)
def test_region_is_read_from_each_place(
    error: Mapping[str, str], headers: Mapping[str, str], region: str | None
) -> None:
    """Old and new forms of S3's hosts, and nothing that is no region."""
    response = {"Error": error, "ResponseMetadata": {"HTTPHeaders": headers}}

    assert named_region(response) == region
