"""The incident: each function returns the records of one thing that somebody did."""

from random import Random

from relay.demo.background import BROWSER, COMMAND_LINE
from relay.demo.records import (
    Actor,
    Call,
    Json,
    Place,
    api_call,
    assumed_role,
    console_login,
    iam_user,
    root,
)

INTRUDER_IP = "203.0.113.66"
VICTIM = "anna.keller"
STOLEN_ROLE, SESSION = "OrganizationAccountAccessRole", "session"
OPENED_GROUP = "sg-0c4e91f7a2d85b360"
GUESSES = 5
GUESS_EVERY_SECS = 9.0


def guessed_passwords(random: Random, place: Place, *, at: float) -> list[Json]:
    """Somebody tries one user's password again and again."""
    identity = iam_user(random, place.account, VICTIM)
    # A sign-in that failed has neither an ARN nor a key.
    del identity["arn"]
    identity["accessKeyId"] = ""
    intruder = Actor(identity=identity, source_ip=INTRUDER_IP, user_agent=BROWSER)
    return [
        console_login(
            random,
            place,
            intruder,
            at=at + guess * GUESS_EVERY_SECS,
            succeeded=False,
            mfa_used=False,
        )
        for guess in range(GUESSES)
    ]


def root_login(random: Random, place: Place, *, at: float) -> list[Json]:
    """The root user signs in with nothing but a password."""
    intruder = Actor(
        identity=root(place.account), source_ip=INTRUDER_IP, user_agent=BROWSER
    )
    return [
        console_login(random, place, intruder, at=at, succeeded=True, mfa_used=False)
    ]


def looked_at_trails(random: Random, place: Place, *, at: float) -> list[Json]:
    """Somebody looks what records what they do."""
    call = Call(
        source="cloudtrail.amazonaws.com",
        name="DescribeTrails",
        read_only=True,
        request={"includeShadowTrails": True, "trailNameList": []},
    )
    return [api_call(random, place, _intruder(random, place, at), call, at=at)]


def opened_security_group(random: Random, place: Place, *, at: float) -> list[Json]:
    """Everybody on the internet may reach a machine by SSH."""
    call = Call(
        source="ec2.amazonaws.com",
        name="AuthorizeSecurityGroupIngress",
        read_only=False,
        request={
            "groupId": OPENED_GROUP,
            "ipPermissions": {
                "items": [
                    {
                        "ipProtocol": "tcp",
                        "fromPort": 22,
                        "toPort": 22,
                        "groups": {},
                        "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
                        "ipv6Ranges": {},
                        "prefixListIds": {},
                    }
                ]
            },
        },
        response={
            "_return": True,
            "securityGroupRuleSet": {
                "items": [
                    {
                        "groupOwnerId": place.account,
                        "groupId": OPENED_GROUP,
                        "securityGroupRuleId": "sgr-07d1f6b93e5ac2481",
                        "isEgress": False,
                        "ipProtocol": "tcp",
                        "fromPort": 22,
                        "toPort": 22,
                        "cidrIpv4": "0.0.0.0/0",
                    }
                ]
            },
        },
    )
    return [api_call(random, place, _intruder(random, place, at), call, at=at)]


def stopped_logging(random: Random, place: Place, *, at: float) -> list[Json]:
    """The trail is switched off."""
    trail = f"arn:aws:cloudtrail:{place.region}:{place.account}:trail/organization"
    call = Call(
        source="cloudtrail.amazonaws.com",
        name="StopLogging",
        read_only=False,
        request={"name": trail},
    )
    return [api_call(random, place, _intruder(random, place, at), call, at=at)]


def stolen_role_arn(account: str) -> str:
    """Return the principal that the intruder works as, once inside."""
    return f"arn:aws:sts::{account}:assumed-role/{STOLEN_ROLE}/{SESSION}"


def _intruder(random: Random, place: Place, at: float) -> Actor:
    return Actor(
        identity=assumed_role(
            random, place.account, STOLEN_ROLE, SESSION, since=at - 60
        ),
        source_ip=INTRUDER_IP,
        user_agent=COMMAND_LINE,
    )
