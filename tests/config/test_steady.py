"""Files are read as they stand at one time, although somebody writes them."""

from pathlib import Path

import pytest

from relay.config.load import load
from relay.config.steady import note, steadily

CONFIG = """
source:
  queue_url: https://sqs.eu-west-1.amazonaws.com/111122223333/relay
  buckets: [trail-logs]
logs: {group: /relay}
rules: [rules.yaml]
"""
RULES = "metric_filters: [{name: one, pattern: '{ $.eventName = A }'}]\n"


class Reader:
    """Reads a file; ``meanwhile`` says what others write into it after each time."""

    def __init__(self, path: Path, *meanwhile: str) -> None:
        self.path = path
        self.meanwhile = list(meanwhile)
        self.read: list[str] = []

    def __call__(self) -> str:
        """Return the content, before somebody changes it."""
        note(self.path)
        self.read.append(self.path.read_text())
        if self.meanwhile:
            self.path.write_text(self.meanwhile.pop(0))
        return self.read[-1]


def test_what_nobody_writes_is_read_once(tmp_path: Path) -> None:
    """As nearly always; a file that is missing does not change either."""
    (tmp_path / "a").write_text("text")
    reader = Reader(tmp_path / "a")
    steadily(lambda: note(tmp_path / "missing"))

    assert steadily(reader) == "text"
    assert reader.read == ["text"]


def test_what_is_being_written_is_read_again(tmp_path: Path) -> None:
    """The file was empty for an instant; that is not what its author wants."""
    (tmp_path / "a").write_text("")
    reader = Reader(tmp_path / "a", "half of", "half of it, and the rest")

    assert steadily(reader) == "half of it, and the rest"
    assert reader.read == ["", "half of", "half of it, and the rest"]


def test_it_is_not_read_for_ever(tmp_path: Path) -> None:
    """A file that grows all the time is taken as it is."""
    (tmp_path / "a").write_text("")
    reader = Reader(tmp_path / "a", *("x" * length for length in range(1, 20)))

    assert steadily(reader) == "xxxx"


def test_rules_that_are_emptied_and_filled_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration is read while an editor saves a rule file."""
    (tmp_path / "relay.yaml").write_text(CONFIG)
    rules = tmp_path / "rules.yaml"
    rules.write_text("")
    read_bytes = Path.read_bytes

    def read_and_save(path: Path) -> bytes:
        content = read_bytes(path)
        if path == rules and not content:
            rules.write_text(RULES)
        return content

    monkeypatch.setattr(Path, "read_bytes", read_and_save)

    loaded = load(tmp_path / "relay.yaml", environment={})

    assert [each.name for each in loaded.rules.filters] == ["one"]
