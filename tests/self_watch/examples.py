"""A configuration to watch, and what is made of it."""

from typing import Any

from relay.config.rules import RuleSet
from relay.config.schema import Config, Loaded
from relay.self_watch.rules import SelfWatchAlarms, self_watch_alarms, with_self_watch

ACCOUNT = "123456789012"


def config(*, logs: dict[str, Any] | None = None, **changes: Any) -> Config:  # noqa: ANN401 - YAML
    """Return a configuration; ``changes`` are whole sections."""
    sections: dict[str, Any] = {
        "source": {
            "queue_url": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/relay",
            "buckets": ["trail-logs", "old-logs"],
        },
        "logs": {"group": "/relay/cloudtrail"} | (logs or {}),
    }
    return Config.model_validate(sections | changes)


def loaded(**self_watch: Any) -> Loaded:  # noqa: ANN401 - YAML
    """Return a configuration without rules but those that are built in."""
    return with_self_watch(
        Loaded(config=config(self_watch=self_watch), rules=RuleSet())
    )


def alarms(**self_watch: Any) -> SelfWatchAlarms:  # noqa: ANN401 - YAML
    """Return the alarms that are to be fed."""
    return self_watch_alarms(loaded(**self_watch))
