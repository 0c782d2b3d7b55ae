"""Log files as CloudTrail delivers them: gzip objects in S3, announced through SNS."""

import gzip

import msgspec

from relay.clock import isoformat
from relay.demo.cloud import Cloud
from relay.demo.provision import Provisioned
from relay.demo.scenario import Step, TrailFile


def object_key(file: TrailFile) -> str:
    """Return where CloudTrail puts ``file``.

    CloudTrail User Guide, "Finding your CloudTrail log files".
    """
    account, region = file.place.account, file.place.region
    day, clock_time = isoformat(file.delivered_at).split("T")
    stamp = f"{day.replace('-', '')}T{clock_time[:5].replace(':', '')}Z"
    return (
        f"AWSLogs/{account}/CloudTrail/{region}/{day.replace('-', '/')}/"
        f"{account}_CloudTrail_{region}_{stamp}_{file.suffix}.json.gz"
    )


def object_body(file: TrailFile) -> bytes:
    """Return the object's bytes: one line of JSON, compressed, the same every time."""
    return gzip.compress(msgspec.json.encode({"Records": file.records}), mtime=0)


def notice(bucket: str, files: tuple[TrailFile, ...]) -> str:
    """Return the message that CloudTrail publishes about ``files``."""
    keys = [object_key(file) for file in files]
    return msgspec.json.encode({"s3Bucket": bucket, "s3ObjectKey": keys}).decode()


async def deliver(cloud: Cloud, place: Provisioned, step: Step) -> int:
    """Put all objects of ``step``, announce each; return how many messages it took."""
    copies = 2 if step.announced_twice else 1
    for files in step.notices:
        for file in files:
            await cloud.s3.put_object(
                Bucket=place.bucket,
                Key=object_key(file),
                Body=object_body(file),
                ContentType="application/json",
                ContentEncoding="gzip",
            )
        message = notice(place.bucket, files)
        for _ in range(copies):
            await cloud.sns.publish(TopicArn=place.trail_topic_arn, Message=message)
    return copies * len(step.notices)
