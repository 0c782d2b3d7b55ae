"""docs/setup.md keeps to what the program takes."""

import re
from pathlib import Path

from relay.cli.setup import setup
from relay.setup.files import read_setup

PAGE = (Path(__file__).parents[2] / "docs" / "setup.md").read_text()


def test_setup_file_of_the_page_is_one(tmp_path: Path) -> None:
    """It is read without a problem, and names every option there is."""
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "setup.yaml"
    path.write_text(example)

    found = read_setup(path, {})

    assert found.model_fields_set == set(type(found).model_fields)
    assert found.trail.model_fields_set == set(type(found.trail).model_fields)


def test_every_command_is_on_the_page() -> None:
    """Plan, apply, destroy and iam-policy have a line each."""
    names = {
        each.name or each.callback.__name__
        for each in setup.registered_commands
        if each.callback
    }

    assert {name for name in names if f"| `{name}` |" in PAGE} == names
