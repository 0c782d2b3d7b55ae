"""What is in AWS after the play: the log events, and what nobody could process."""

import json
from collections import Counter

from relay.demo.cloud import Cloud


async def read_event_ids(cloud: Cloud, group: str) -> Counter[str]:
    """Return how often each event id is in the log group, over all its streams."""
    found: Counter[str] = Counter()
    streams = cloud.logs.get_paginator("describe_log_streams")
    async for page in streams.paginate(logGroupName=group):
        for stream in page["logStreams"]:
            found += await _read_stream(cloud, group, stream["logStreamName"])
    return found


async def _read_stream(cloud: Cloud, group: str, stream: str) -> Counter[str]:
    found: Counter[str] = Counter()
    position: dict[str, str] = {}
    while True:
        page = await cloud.logs.get_log_events(
            logGroupName=group, logStreamName=stream, startFromHead=True, **position
        )
        found.update(
            json.loads(event["message"])["eventID"] for event in page["events"]
        )
        # The end is reached when the token stays the same.
        following = {"nextToken": page["nextForwardToken"]}
        if following == position:
            return found
        position = following


async def count_messages(cloud: Cloud, queue_url: str) -> int:
    """Return how many messages wait in the queue or are being worked on."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = await cloud.sqs.get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=names
    )
    return sum(int(answer["Attributes"][name]) for name in names)
