"""Who calls, in a record of a test: a whole userIdentity from what is said of it.

The members of each type are those of the CloudTrail User Guide, "CloudTrail
userIdentity element".
"""

import hashlib
from collections.abc import Mapping

Json = dict[str, object]

_USER = "alice"
_ROLE, _SESSION = "app", "session"
_SERVICE = "cloudtrail.amazonaws.com"


def default_identity(given: Mapping[str, object], account: str, *, since: str) -> Json:
    """Return what ``given`` is to be merged over: all that it does not say itself.

    Its type decides which members there are, its account and user name what they say.
    ``since`` (as in records) is when a role's session began.
    """
    kind = _text(given, "type", "IAMUser")
    account = _text(given, "accountId", account)
    match kind:
        case "IAMUser":
            return _iam_user(account, _text(given, "userName", _USER))
        case "Root":
            return _root(account)
        case "AssumedRole":
            return _assumed_role(account, since)
        case "FederatedUser":
            return _federated_user(account)
        case "AWSService":
            return {"type": kind, "invokedBy": _SERVICE}
        case _:
            return {
                "type": kind,
                "principalId": _unique("AIDA", account),
                "accountId": account,
            }


def _iam_user(account: str, name: str) -> Json:
    arn = f"arn:aws:iam::{account}:user/{name}"
    return {
        "type": "IAMUser",
        "principalId": _unique("AIDA", arn),
        "arn": arn,
        "accountId": account,
        "accessKeyId": _unique("AKIA", arn),
        "userName": name,
    }


def _root(account: str) -> Json:
    return {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
        "accessKeyId": "",
    }


def _assumed_role(account: str, since: str) -> Json:
    role = f"arn:aws:iam::{account}:role/{_ROLE}"
    principal = _unique("AROA", role)
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{_SESSION}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{_ROLE}/{_SESSION}",
        "accountId": account,
        "accessKeyId": _unique("ASIA", role),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": role,
                "accountId": account,
                "userName": _ROLE,
            },
            "attributes": {"creationDate": since, "mfaAuthenticated": "false"},
        },
    }


def _federated_user(account: str) -> Json:
    return {
        "type": "FederatedUser",
        "principalId": f"{account}:{_USER}",
        "arn": f"arn:aws:sts::{account}:federated-user/{_USER}",
        "accountId": account,
        "accessKeyId": _unique("ASIA", account),
    }


def _text(given: Mapping[str, object], member: str, otherwise: str) -> str:
    value = given.get(member)
    return value if isinstance(value, str) else otherwise


def _unique(prefix: str, name: str) -> str:
    """Return an id as AWS writes them: the same for the same ``name``, made up."""
    return prefix + hashlib.sha256(name.encode()).hexdigest()[:17].upper()
