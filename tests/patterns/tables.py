"""Reads the tables of cases in tests/patterns/data."""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def read_table(name: str) -> list[dict[str, Any]]:
    """Return the rows of one table."""
    rows: list[dict[str, Any]] = json.loads((DATA / name).read_text())
    return rows
