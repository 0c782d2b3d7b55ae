"""The texts of templates: the default ones, and those of the configuration.

A file's name says what it is for: ``pager.html.j2`` is the template ``pager`` for HTML.
One without a medium, such as ``parts.j2``, is there for others to include.
"""

import functools
from collections.abc import Iterable, Mapping
from importlib import resources

from relay.config.template_files import ENDING, TemplateFile
from relay.notify.content.media import Medium

OWN_FOLDER = "relay/"
"""Before the names of the default ones, for templates that extend or include them."""


def file_name(template: str, medium: Medium) -> str:
    """Return the name of the file of ``template`` for ``medium``."""
    return f"{template}.{medium}{ENDING}"


def medium_of(name: str) -> Medium | None:
    """Return the medium that the file ``name`` is for; None for one to include.

    Raises ValueError when what stands in its place is no medium.
    """
    template, _, medium = name.removesuffix(ENDING).rpartition(".")
    if not template:
        return None
    if medium not in set(Medium):
        raise ValueError(f"{medium} is no medium; known are {', '.join(Medium)}")
    return Medium(medium)


@functools.cache
def default_files() -> tuple[TemplateFile, ...]:
    """Return the templates that come with the relay."""
    folder = resources.files("relay.notify.content") / "templates"
    return tuple(
        TemplateFile(
            name=entry.name,
            file=OWN_FOLDER + entry.name,
            text=entry.read_text(encoding="utf-8"),
        )
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(ENDING)
    )


def by_name(custom: Iterable[TemplateFile]) -> Mapping[str, TemplateFile]:
    """Return every template by each of its names; ``custom`` ones hide default ones."""
    files = {OWN_FOLDER + each.name: each for each in default_files()}
    files |= {each.name: each for each in default_files()}
    return files | {each.name: each for each in custom}
