"""CloudTrail records of management events, made up, with all their usual members."""

from dataclasses import dataclass
from random import Random
from string import ascii_letters, ascii_uppercase, digits
from uuid import UUID

from relay.clock import isoformat

Json = dict[str, object]

EVENT_VERSION = "1.11"
"""The version that CloudTrail writes (CloudTrail User Guide, "record contents")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who calls, from where, with what; ``identity`` is the record's userIdentity."""

    identity: Json
    source_ip: str
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One API call: a row of a catalogue of what people and machines do."""

    source: str
    name: str
    read_only: bool
    request: Json | None = None
    response: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a call is made and recorded."""

    account: str
    region: str


def api_call(
    random: Random, place: Place, actor: Actor, call: Call, *, at: float
) -> Json:
    """Return the record of ``call``, made at ``at`` (epoch seconds)."""
    host = f"{call.source.removesuffix('.amazonaws.com')}.{place.region}.amazonaws.com"
    return {
        "eventVersion": EVENT_VERSION,
        "userIdentity": actor.identity,
        "eventTime": isoformat(at),
        "eventSource": call.source,
        "eventName": call.name,
        "awsRegion": place.region,
        "sourceIPAddress": actor.source_ip,
        "userAgent": actor.user_agent,
        "requestParameters": call.request,
        "responseElements": call.response,
        "requestID": guid(random),
        "eventID": guid(random),
        "readOnly": call.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": place.account,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": host,
        },
    }


def console_login(
    random: Random,
    place: Place,
    actor: Actor,
    *,
    at: float,
    succeeded: bool,
    mfa_used: bool,
) -> Json:
    """Return the record of somebody signing in to the console, or failing to."""
    record: Json = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": actor.identity,
        "eventTime": isoformat(at),
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": place.region,
        "sourceIPAddress": actor.source_ip,
        "userAgent": actor.user_agent,
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success" if succeeded else "Failure"},
        "additionalEventData": {
            "LoginTo": (
                f"https://{place.region}.console.aws.amazon.com/console/home"
                f"?region={place.region}&state=hashArgs%23&isauthcode=true"
            ),
            "MobileVersion": "No",
            "MFAUsed": "Yes" if mfa_used else "No",
        },
        "eventID": guid(random),
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": place.account,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{place.region}.signin.aws.amazon.com",
        },
    }
    if not succeeded:
        record["errorMessage"] = "Failed authentication"
    return record


def iam_user(random: Random, account: str, name: str) -> Json:
    """Return the identity of an IAM user who works with a long-lived access key."""
    return {
        "type": "IAMUser",
        "principalId": "AIDA" + unique(random, 17),
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": "AKIA" + unique(random, 16),
        "userName": name,
    }


def assumed_role(
    random: Random, account: str, role: str, session: str, *, since: float
) -> Json:
    """Return the identity of a role's session that began at ``since``."""
    principal = "AROA" + unique(random, 17)
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "accountId": account,
        "accessKeyId": "ASIA" + unique(random, 16),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": f"arn:aws:iam::{account}:role/{role}",
                "accountId": account,
                "userName": role,
            },
            "attributes": {
                "creationDate": isoformat(since),
                "mfaAuthenticated": "false",
            },
        },
    }


def root(account: str) -> Json:
    """Return the identity of an account's root user at the sign-in page."""
    return {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
        "accessKeyId": "",
    }


def guid(random: Random) -> str:
    """Return an id as CloudTrail writes event and request ids."""
    return str(UUID(int=random.getrandbits(128), version=4))


def unique(random: Random, length: int) -> str:
    """Return capitals and digits, as in access key and principal ids."""
    return "".join(random.choices(ascii_uppercase + digits, k=length))


def file_suffix(random: Random) -> str:
    """Return the 16 characters that keep two log files' names apart."""
    return "".join(random.choices(ascii_letters + digits, k=16))
