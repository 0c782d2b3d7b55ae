"""What goes on in an organization on any ordinary day: nothing that a rule is for."""

from random import Random

from relay.demo.records import (
    Actor,
    Call,
    Json,
    Place,
    api_call,
    assumed_role,
    console_login,
    iam_user,
)

BROWSER = (
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
COMMAND_LINE = (
    "aws-cli/2.22.7 md/awscrt#0.23.4 ua/2.0 os/linux#6.8.0 md/arch#x86_64 "
    "lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard"
)
TERRAFORM = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) "
    "terraform-provider-aws/5.78.0 aws-sdk-go-v2/1.32.5 os/linux lang/go#1.23.3"
)
LAMBDA = (
    "Boto3/1.35.70 md/Botocore#1.35.70 md/awscrt#0.22.0 ua/2.0 os/linux#5.10 "
    "md/arch#aarch64 lang/python#3.12.7 exec-env/AWS_Lambda_python3.12 "
    "cfg/retry-mode#legacy"
)

INSTANCE = "i-0a1b2c3d4e5f60718"

CALLS = (
    Call(
        source="ec2.amazonaws.com",
        name="DescribeInstances",
        read_only=True,
        request={
            "instancesSet": {"items": [{"instanceId": INSTANCE}]},
            "filterSet": {
                "items": [
                    {
                        "name": "instance-state-name",
                        "valueSet": {"items": [{"value": "running"}]},
                    }
                ]
            },
        },
    ),
    Call(
        source="ec2.amazonaws.com",
        name="DescribeSecurityGroups",
        read_only=True,
        request={"securityGroupSet": {}, "filterSet": {}, "maxResults": 1000},
    ),
    Call(
        source="ec2.amazonaws.com",
        name="StartInstances",
        read_only=False,
        request={"instancesSet": {"items": [{"instanceId": INSTANCE}]}},
        response={
            "instancesSet": {
                "items": [
                    {
                        "instanceId": INSTANCE,
                        "currentState": {"code": 0, "name": "pending"},
                        "previousState": {"code": 80, "name": "stopped"},
                    }
                ]
            }
        },
    ),
    Call(
        source="ec2.amazonaws.com",
        name="CreateTags",
        read_only=False,
        request={
            "resourcesSet": {"items": [{"resourceId": INSTANCE}]},
            "tagSet": {"items": [{"key": "team", "value": "payments"}]},
        },
        response={"_return": True},
    ),
    Call(
        source="s3.amazonaws.com",
        name="GetBucketLocation",
        read_only=True,
        request={"bucketName": "example-invoices", "location": "", "Host": "s3"},
    ),
    Call(
        source="s3.amazonaws.com",
        name="ListBuckets",
        read_only=True,
        request={"Host": "s3.amazonaws.com"},
    ),
    Call(
        source="kms.amazonaws.com",
        name="Decrypt",
        read_only=True,
        request={
            "encryptionContext": {"aws:lambda:FunctionArn": "invoice-mailer"},
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        },
    ),
    Call(
        source="lambda.amazonaws.com",
        name="GetFunction20150331v2",
        read_only=True,
        request={"functionName": "invoice-mailer"},
    ),
    Call(
        source="lambda.amazonaws.com",
        name="UpdateFunctionCode20150331v2",
        read_only=False,
        request={"functionName": "invoice-mailer", "publish": True, "dryRun": False},
        response={
            "functionName": "invoice-mailer",
            "runtime": "python3.12",
            "memorySize": 512,
            "timeout": 30,
            "state": "Active",
            "version": "118",
        },
    ),
    Call(
        source="logs.amazonaws.com",
        name="CreateLogStream",
        read_only=False,
        request={
            "logGroupName": "/aws/lambda/invoice-mailer",
            "logStreamName": "2026/04/27/[$LATEST]5b1e0c",
        },
    ),
    Call(
        source="monitoring.amazonaws.com",
        name="DescribeAlarms",
        read_only=True,
        request={"alarmNamePrefix": "invoices-", "maxRecords": 100},
    ),
    Call(
        source="secretsmanager.amazonaws.com",
        name="GetSecretValue",
        read_only=True,
        request={"secretId": "invoices/database", "versionStage": "AWSCURRENT"},
    ),
    Call(
        source="sts.amazonaws.com",
        name="GetCallerIdentity",
        read_only=True,
    ),
    Call(
        source="autoscaling.amazonaws.com",
        name="DescribeAutoScalingGroups",
        read_only=True,
        request={"autoScalingGroupNames": ["invoices"], "maxRecords": 50},
    ),
    Call(
        source="rds.amazonaws.com",
        name="CreateDBSnapshot",
        read_only=False,
        request={
            "dBInstanceIdentifier": "invoices",
            "dBSnapshotIdentifier": "invoices-nightly",
        },
        response={
            "dBInstanceIdentifier": "invoices",
            "engine": "postgres",
            "status": "creating",
            "encrypted": True,
        },
    ),
)


def actors(random: Random, account: str, *, at: float) -> tuple[Actor, ...]:
    """Return who works in ``account``: two people, the deployments, a machine."""
    hour_ago = at - 3600
    return (
        Actor(
            identity=assumed_role(random, account, "Developer", "mary", since=hour_ago),
            source_ip="198.51.100.23",
            user_agent=COMMAND_LINE,
        ),
        Actor(
            identity=iam_user(random, account, "backup"),
            source_ip="198.51.100.40",
            user_agent=COMMAND_LINE,
        ),
        Actor(
            identity=assumed_role(
                random, account, "Deploy", "pipeline", since=hour_ago
            ),
            source_ip="192.0.2.61",
            user_agent=TERRAFORM,
        ),
        Actor(
            identity=assumed_role(
                random, account, "invoice-mailer", "invoice-mailer", since=hour_ago
            ),
            source_ip="192.0.2.184",
            user_agent=LAMBDA,
        ),
    )


def ordinary_records(
    random: Random, place: Place, *, count: int, start: float, end: float
) -> list[Json]:
    """Return ``count`` records between ``start`` and ``end``, in no order of time.

    One of them is a person who signs in, with a second factor, as people do.
    """
    people = actors(random, place.account, at=start)
    records = [
        api_call(
            random,
            place,
            random.choice(people),
            random.choice(CALLS),
            at=random.uniform(start, end),
        )
        for _ in range(count - 1)
    ]
    person = Actor(
        identity=iam_user(random, place.account, "mary"),
        source_ip="198.51.100.23",
        user_agent=BROWSER,
    )
    at = random.uniform(start, end)
    records.append(
        console_login(random, place, person, at=at, succeeded=True, mfa_used=True)
    )
    random.shuffle(records)
    return records
