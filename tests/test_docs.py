"""The documentation is kept true: the map is complete, and links lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = ROOT / "docs" / "architecture.md"
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")})
PAGES += [ROOT / "deploy" / "README.md", ROOT / "benchmarks" / "README.md"]


def mapped() -> list[str]:
    """Return the modules that have a line of their own in the map, as paths."""
    lines = MAP.read_text().splitlines()
    found = (re.match(r"\| `(relay/[\w/]+\.py)` \|", line) for line in lines)
    return [each[1] for each in found if each]


def test_every_module_has_one_line_in_the_map() -> None:
    """docs/architecture.md names every module once, and no other."""
    modules = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "relay").rglob("*.py")
        if path.name != "__init__.py"
    }

    assert sorted(mapped()) == sorted(modules)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link names a file that is there."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []
