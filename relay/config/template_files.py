"""The template files of notifications: found and read here, judged where they are used.

``relay.notify.content`` knows what a template may say; the configuration knows where
the files are, and which targets name them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from relay.config.notify_section import Notify
from relay.config.problems import Location, Problem
from relay.config.source_map import Document
from relay.config.steady import note

DEFAULT = "default"
"""The template that is used where none is named; a file of this name replaces it."""
ENDING = ".j2"
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFile:
    """One file: ``name`` as other templates refer to it, ``file`` as messages do."""

    name: str
    file: str
    text: str


def read_template(path: Path) -> TemplateFile:
    """Return what ``path`` holds.

    Raises ValueError, which says of the file what is wrong.
    """
    if not path.name.endswith(ENDING):
        raise ValueError(f"is no template: its name must end with {ENDING}")
    note(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError("cannot be read: it is no UTF-8 text") from error
    if len(content) > MAX_BYTES:
        raise ValueError(f"is too large: templates have at most {MAX_BYTES:,} bytes")
    return TemplateFile(name=path.name, file=str(path), text=text)


def unknown_templates(
    notify: Notify, files: Collection[TemplateFile], document: Document
) -> Iterator[Problem]:
    """Yield the targets that name a template of which there is no file."""
    known = {each.name.removesuffix(ENDING).rpartition(".")[0] for each in files}
    for location, name in _named(notify):
        if name not in known | {DEFAULT}:
            yield document.problem(
                location,
                f"{document.show(location)} is none of notify.templates;"
                f" it would be a file such as {name}.html{ENDING}",
            )


def _named(notify: Notify) -> Iterator[tuple[Location, str]]:
    """Yield every mention of a template by a target, of whatever kind that is."""
    for position, receiver in enumerate(notify.receivers):
        for kind in type(receiver).model_fields:
            targets = getattr(receiver, kind)
            for at, target in enumerate(targets if isinstance(targets, tuple) else ()):
                name = getattr(target, "template", None)
                if isinstance(name, str):
                    path = ("notify", "receivers", position, kind, at, "template")
                    yield path, name
