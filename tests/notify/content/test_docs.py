"""docs/notifications.md names all that a template can use."""

import dataclasses
import re
from pathlib import Path

import pytest

from relay.notify.content.facts import Row
from relay.notify.content.links import Link
from relay.notify.content.media import Medium
from relay.notify.content.samples import Sample
from relay.notify.content.view import AlarmView, View

PAGE = Path(__file__).parents[3] / "docs" / "notifications.md"


@pytest.mark.parametrize("shown", [View, AlarmView, Row, Link])
def test_every_member_is_documented(shown: type) -> None:
    """In code, by its own name or behind view. and alarm."""
    words = set(
        re.findall(r"\w+", " ".join(re.findall(r"`[^`\n]+`", PAGE.read_text())))
    )

    fields = [field.name for field in dataclasses.fields(shown)]
    properties = [
        name for name in vars(shown) if isinstance(vars(shown)[name], property)
    ]
    assert [name for name in (*fields, *properties) if name not in words] == []


@pytest.mark.parametrize("name", [*Medium, *Sample])
def test_media_and_samples_are_documented(name: str) -> None:
    """By the words that people write."""
    assert f"`{name}`" in PAGE.read_text()
