"""YAML with line numbers: every key and every list item knows where it stands.

Scalars are read as YAML 1.2's core schema has it, so that ``no`` is a text and not
false, and ``12:30`` is no number. Duplicate keys are problems; anchors and merge keys
(``<<``) work as usual.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yaml.error import MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from relay.config.problems import Location, Problem, quoted
from relay.config.references import expand
from relay.config.steady import note
from relay.config.yaml_core import TAG, CoreLoader, is_null, read_scalar

MAX_VALUES = 500_000
"""How many values one file may hold, aliases counted as often as they are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file's content, and where each part of it stands.

    ``written`` holds those scalars as the file has them that took something from the
    environment: messages show these, never what the environment held.
    """

    file: str
    value: object
    lines: Mapping[Location, int]
    written: Mapping[Location, str] = field(default_factory=dict)

    def line(self, location: Location) -> int:
        """Return the line of ``location``, or of the nearest part around it."""
        for length in range(len(location), 0, -1):
            if location[:length] in self.lines:
                return self.lines[location[:length]]
        return self.lines.get((), 1)

    def at(self, location: Location) -> object:
        """Return the value at ``location``, which must exist."""
        value = self.value
        for step in location:
            value = value[step]  # type: ignore[index] # the location exists
        return value

    def show(self, location: Location) -> str:
        """Return the text at ``location`` in quotes, as the file has it."""
        return quoted(self.written.get(location, str(self.at(location))))

    def problem(self, location: Location, message: str) -> Problem:
        """Return a problem at ``location``."""
        return Problem(
            file=self.file,
            line=self.line(location),
            location=location,
            message=message,
        )


def read_document(
    path: Path, *, file: str, environment: Mapping[str, str] | None = None
) -> tuple[Document | None, list[Problem]]:
    """Return the document at ``path`` and what is wrong with it as YAML.

    ``file`` is how messages call it. With an ``environment``, references in values are
    replaced from it. Without a document the problems say why there is none.
    """
    note(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return None, [_whole(file, f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError as error:
        return None, [_whole(file, f"is no UTF-8: byte {error.start} is invalid")]
    return parse_document(text, file=file, environment=environment)


def parse_document(
    text: str, *, file: str, environment: Mapping[str, str] | None = None
) -> tuple[Document | None, list[Problem]]:
    """Return the document that ``text`` holds, as ``read_document`` does."""
    try:
        node = CoreLoader(text).get_single_node()
    except RecursionError:
        return None, [_whole(file, "is nested too deeply")]
    except YAMLError as error:
        return None, [_syntax_problem(text, file, error)]
    builder = _Builder(file, environment)
    value = {} if node is None or is_null(node) else builder.build(node, ())
    document = Document(
        file=file, value=value, lines=builder.lines, written=builder.written
    )
    return document, builder.problems


def _whole(file: str, message: str) -> Problem:
    return Problem(file=file, line=None, location=(), message=message)


def _syntax_problem(text: str, file: str, error: YAMLError) -> Problem:
    if isinstance(error, ReaderError):
        return _whole(
            file, f"is no YAML: character #x{error.character:04x} is not allowed"
        )
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    if not isinstance(error, MarkedYAMLError) or mark is None:
        return _whole(file, f"is no YAML: {error}")
    context = f" ({error.context})" if error.context else ""
    # YAML ends a plain text in { } or [ ] at the next brace.
    braces = "${" in text.split("\n")[mark.line]
    hint = "; put ${NAME} in quotes here" if braces else ""
    return Problem(
        file=file,
        line=mark.line + 1,
        column=mark.column + 1,
        location=(),
        message=f"YAML syntax: {error.problem}{context}{hint}",
    )


class _Builder:
    """Turns a node tree into plain values and notes where each of them stands."""

    def __init__(self, file: str, environment: Mapping[str, str] | None) -> None:
        self.lines: dict[Location, int] = {}
        self.written: dict[Location, str] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._environment = environment
        self._values = 0
        self._open: set[int] = set()

    def build(self, node: Node, location: Location) -> object:
        """Return the value of ``node``; faults are noted and leave an empty value."""
        self.lines.setdefault(location, node.start_mark.line + 1)
        self._values += 1
        if self._values >= MAX_VALUES:
            if self._values == MAX_VALUES:
                self._refuse(
                    node, location, f"more than {MAX_VALUES} values in one file"
                )
            return None
        if id(node) in self._open:
            self._refuse(node, location, "an anchor that contains itself")
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node, location)
        self._open.add(id(node))
        value: object
        if isinstance(node, SequenceNode) and node.tag == f"{TAG}seq":
            value = [
                self.build(item, (*location, position))
                for position, item in enumerate(node.value)
            ]
        elif isinstance(node, MappingNode) and node.tag == f"{TAG}map":
            value = self._mapping(node, location)
        else:
            self._refuse(node, location, f"the tag {node.tag} is not supported")
            value = None
        self._open.discard(id(node))
        return value

    def _mapping(self, node: MappingNode, location: Location) -> dict[str, object]:
        values: dict[str, object] = {}
        merged: list[Node] = []
        for key, value in node.value:
            if key.tag == f"{TAG}merge":
                merged.append(value)
            elif not isinstance(key, ScalarNode):
                self._refuse(key, location, "a key must be a text")
            elif key.value in values:
                first = self.lines[(*location, key.value)]
                self._refuse(
                    key, (*location, key.value), f"written twice, first on line {first}"
                )
            else:
                self.lines[(*location, key.value)] = key.start_mark.line + 1
                values[key.value] = self.build(value, (*location, key.value))
        for source in merged:
            self._merge(source, values, location)
        return values

    def _merge(self, source: Node, into: dict[str, object], location: Location) -> None:
        """Add what ``<<`` names; what stands in the mapping itself has precedence."""
        sources = source.value if isinstance(source, SequenceNode) else [source]
        for each in sources:
            if not isinstance(each, MappingNode):
                self._refuse(each, location, "'<<' takes a mapping or a list of them")
                continue
            if id(each) in self._open:
                self._refuse(each, location, "an anchor that contains itself")
                continue
            self._open.add(id(each))
            into.update(self._mapping_without(each, into, location))
            self._open.discard(id(each))

    def _mapping_without(
        self, node: MappingNode, taken: Mapping[str, object], location: Location
    ) -> dict[str, object]:
        kept = MappingNode(
            node.tag,
            [
                (key, value)
                for key, value in node.value
                if not (isinstance(key, ScalarNode) and key.value in taken)
            ],
            node.start_mark,
            node.end_mark,
        )
        return {
            key: value
            for key, value in self._mapping(kept, location).items()
            if key not in taken
        }

    def _scalar(self, node: ScalarNode, location: Location) -> object:
        text = node.value
        if self._environment is not None and "${" in text:
            expanded = expand(text, self._environment)
            for fault in expanded.faults:
                self._refuse(node, location, fault)
            if expanded.is_reference:
                self.written[location] = text
            return expanded.text
        try:
            return read_scalar(node)
        except KeyError:
            self._refuse(node, location, f"the tag {node.tag} is not supported")
        except ValueError:
            kind = node.tag.removeprefix(TAG)
            self._refuse(node, location, f"{text!r} is no {kind}")
        return None

    def _refuse(self, node: Node, location: Location, message: str) -> None:
        self.problems.append(
            Problem(
                file=self._file,
                line=node.start_mark.line + 1,
                location=location,
                message=message,
            )
        )
