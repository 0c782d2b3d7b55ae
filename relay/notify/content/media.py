"""What notifications are written for: each medium has its own dangers and its files."""

from enum import StrEnum


class Medium(StrEnum):
    """A medium; its value is the ending of its template files: ``name.html.j2``."""

    TEXT = "txt"
    HTML = "html"
    SUBJECT = "subject"
    SLACK = "slack"
    MARKDOWN = "md"
    TELEGRAM = "telegram"
    TEAMS = "teams"
    DISCORD = "discord"
    JSON = "json"
    CSV = "csv"


class Flavour(StrEnum):
    """How a chat service writes bold text, links and code."""

    SLACK_MRKDWN = "slack"
    MARKDOWN = "md"
    TELEGRAM_HTML = "telegram"
    TEAMS = "teams"
    DISCORD = "discord"

    @property
    def medium(self) -> Medium:
        """The medium that is written in this flavour."""
        return Medium(self.value)
