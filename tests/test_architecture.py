"""Imports point one way: a stage may import only what stands before it."""

import ast
from pathlib import Path

import pytest

LAYERS = [
    {"__init__"},
    {"model", "errors", "clock", "intents", "failpoints"},
    {"telemetry", "backoff", "budget", "object_locks", "remaining", "caught_up"},
    {"faults"},
    {"patterns"},
    {"config"},
    {"aws", "self_watch"},
    {"trail"},
    {"rules"},
    {"alarms"},
    {"state"},
    {"source", "logs", "notify", "publish", "quarantine"},
    {"accounting", "prepare"},
    {"process"},
    {"set_aside", "lost"},
    {"pipeline"},
    {"web", "service_manager"},
    {"reload"},
    {"daemon"},
    {"setup"},
    {"demo", "match", "ruletest", "status"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ROOT = Path(__file__).parent.parent / "relay"


def stage(path: Path) -> str:
    """Return the folder or file right below relay/ that ``path`` belongs to."""
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported_stages(path: Path) -> set[str]:
    """Return the stages that ``path`` imports, however deep the import stands."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names += (
                [f"relay.{alias.name}" for alias in node.names]
                if module == "relay"
                else [module]
            )
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    stages = {name.split(".")[1] for name in names if name.startswith("relay.")}
    return stages - {"__version__"}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=str)
def test_imports_point_left(path: Path) -> None:
    """A stage imports itself or stages of a lower rank, nothing else."""
    own = stage(path)

    for other in imported_stages(path) - {own}:
        assert RANK[other] < RANK[own], f"{own} must not import {other}"


def test_patterns_is_a_library_of_its_own() -> None:
    """``relay.patterns`` imports nothing of the daemon, so that others can use it."""
    imported = {
        other
        for path in (ROOT / "patterns").rglob("*.py")
        for other in imported_stages(path)
    }

    assert imported <= {"patterns"}
