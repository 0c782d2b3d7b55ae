"""AWS's four services on the wire: which call it is, and their errors' own formats."""

import json
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs

from aiohttp import web

from tests.chaos.faults import Fault

_TARGETS = {"AmazonSQS": "sqs", "Logs_20140328": "logs"}


class Service(StrEnum):
    """A service behind the proxy."""

    S3 = "s3"
    SQS = "sqs"
    LOGS = "logs"
    SNS = "sns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: its service and operation by AWS's names."""

    service: Service
    operation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WireError:
    """An error as a service answers it."""

    status: int
    code: str
    text: str
    region: str | None = None


_BUSY = WireError(status=503, code="SlowDown", text="Please reduce your request rate.")
_BROKEN = WireError(status=500, code="InternalError", text="We encountered an error.")
_ERRORS = {
    (Fault.THROTTLING, Service.S3): _BUSY,
    (Fault.THROTTLING, Service.SQS): WireError(
        status=400, code="RequestThrottled", text="Rate exceeded"
    ),
    (Fault.THROTTLING, Service.LOGS): WireError(
        status=400, code="ThrottlingException", text="Rate exceeded"
    ),
    (Fault.THROTTLING, Service.SNS): WireError(
        status=400, code="Throttling", text="Rate exceeded"
    ),
    (Fault.SERVER_ERROR, Service.S3): _BROKEN,
    (Fault.SERVER_ERROR, Service.SQS): WireError(
        status=500, code="InternalError", text="Internal error"
    ),
    (Fault.SERVER_ERROR, Service.LOGS): WireError(
        status=503, code="ServiceUnavailableException", text="Service unavailable"
    ),
    (Fault.SERVER_ERROR, Service.SNS): WireError(
        status=500, code="InternalFailure", text="Internal failure"
    ),
    (Fault.WRONG_REGION, Service.S3): WireError(
        status=301,
        code="PermanentRedirect",
        text="The bucket must be addressed using the specified endpoint.",
        region="eu-central-1",
    ),
    (Fault.KMS_DENIED, Service.S3): WireError(
        status=403,
        code="AccessDenied",
        text="User is not authorized to perform: kms:Decrypt on the resource",
    ),
}


def identify(request: web.BaseRequest, body: bytes) -> Call:
    """Say which call a request is."""
    prefix, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
    if operation:
        return Call(service=Service(_TARGETS[prefix]), operation=operation)
    if request.content_type == "application/x-www-form-urlencoded":
        (action,) = parse_qs(body.decode())["Action"]
        return Call(service=Service.SNS, operation=action)
    operation = {"GET": "GetObject", "HEAD": "HeadBucket"}.get(request.method, "")
    return Call(service=Service.S3, operation=operation)


def error_of(fault: Fault, service: Service) -> WireError | None:
    """Return how ``service`` answers under ``fault``; None: it has no such error."""
    return _ERRORS.get((fault, service))


def response(error: WireError, service: Service) -> web.Response:
    """Return ``error`` in the format of ``service``."""
    headers = {"x-amzn-RequestId": "chaos"}
    if error.region is not None:
        headers["x-amz-bucket-region"] = error.region
    if service in (Service.SQS, Service.LOGS):
        return web.Response(
            status=error.status,
            headers=headers,
            text=json.dumps({"__type": error.code, "message": error.text}),
            content_type="application/x-amz-json-1.1",
        )
    inner = f"<Code>{error.code}</Code><Message>{error.text}</Message>"
    if service is Service.SNS:
        inner = f"<Type>Sender</Type>{inner}"
        text = (
            '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">'
            f"<Error>{inner}</Error><RequestId>chaos</RequestId></ErrorResponse>"
        )
    else:
        text = f"<Error>{inner}<RequestId>chaos</RequestId></Error>"
    return web.Response(
        status=error.status, headers=headers, text=text, content_type="text/xml"
    )
