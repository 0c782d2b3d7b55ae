"""Turns what is to be said into the text of a medium, by templates.

A template of the configuration that fails on some notification must not lose it: the
default one takes its place, and the log says so.
"""

import re
from collections.abc import Callable, Iterable

from jinja2 import FunctionLoader, Template

from relay.config.template_files import DEFAULT, TemplateFile
from relay.model import Bundle
from relay.notify.content.dialect import dialect_of
from relay.notify.content.faults import BadTemplateError, fault_of
from relay.notify.content.media import Flavour, Medium
from relay.notify.content.sandbox import ALLOWANCE, OWN_ALLOWANCE, Sandbox
from relay.notify.content.sources import (
    OWN_FOLDER,
    by_name,
    default_files,
    file_name,
)
from relay.notify.content.view import Background, View, view_of
from relay.telemetry import get_log

__all__ = ["Flavour", "Medium", "Templates"]

MAX_SUBJECT_CHARS = 200

_INLINE = "<template>"

log = get_log("notify")


class Templates:
    """The default templates, and what the configuration puts in their place.

    ``template`` names, everywhere below, a set of files, one a medium: ``pager`` is
    ``pager.html.j2``, ``pager.txt.j2`` and so on. Where it has none for a medium, the
    default one is used. For one thread.
    """

    def __init__(
        self,
        custom: Iterable[TemplateFile] = (),
        *,
        background: Background | None = None,
    ) -> None:
        self._background = background or Background()
        custom = tuple(custom)
        self._sources = by_name(custom)
        own = {each.file for each in default_files()}
        self._own = own - {each.file for each in custom}
        self._files = {source.file for source in self._sources.values()} | {_INLINE}
        self._sandboxes: dict[Medium, Sandbox] = {}

    def view(self, bundle: Bundle) -> View:
        """Return the view of ``bundle``, with the names that the configuration has."""
        return view_of(bundle, background=self._background)

    def text(self, view: View, *, template: str = DEFAULT) -> str:
        """Return plain text for people; it ends with a newline.

        Of several empty lines in a row one is left.
        """
        text = self._render(Medium.TEXT, view, template)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"

    def html(self, view: View, *, template: str = DEFAULT) -> str:
        """Return a whole HTML document, as mail readers take it."""
        return self._render(Medium.HTML, view, template)

    def chat(self, view: View, flavour: Flavour, *, template: str = DEFAULT) -> str:
        """Return a chat message in the service's own markup; no limit is applied."""
        return self._render(flavour.medium, view, template).strip()

    def subject(self, view: View, *, template: str = DEFAULT) -> str:
        """Return one line; equal for all mail of one alarm group, so that it threads.

        What tells the state and how bad it is in one line is ``view.title``.
        """
        text = self._render(Medium.SUBJECT, view, template)
        return " ".join(text.split())[:MAX_SUBJECT_CHARS]

    def has(self, template: str, medium: Medium) -> bool:
        """Tell whether ``template`` has a file for ``medium``."""
        return file_name(template, medium) in self._sources

    def named(self, template: str, medium: Medium, view: View) -> str:
        """Return what exactly this template makes of ``view``.

        Raises BadTemplateError when it fails, or has no file for ``medium``.
        """
        return self.from_file(file_name(template, medium), medium, view)

    def from_file(self, name: str, medium: Medium, view: View) -> str:
        """Return what the file ``name`` makes of ``view``, written for ``medium``.

        Raises BadTemplateError when it fails, or there is no such file.
        """
        file, load = self._loader(name)
        return self._run(file, load, medium, view)

    def compile(self, name: str, medium: Medium) -> None:
        """Compile the file ``name`` for ``medium``, and no more.

        Raises BadTemplateError when that fails.
        """
        file, load = self._loader(name)
        self._run(file, load, medium, None)

    def custom(
        self, template_text: str, view: View, *, escape: Medium = Medium.JSON
    ) -> str:
        """Return what a template that stands in the configuration makes of ``view``.

        Values are escaped for ``escape``: as a rule for a JSON string, inside quotes.
        Raises BadTemplateError, a RejectedError, when it fails.
        """

        def compile_text(sandbox: Sandbox) -> Template:
            code = sandbox.compile(template_text, filename=_INLINE)
            return Template.from_code(sandbox, code, dict(sandbox.globals))

        return self._run(_INLINE, compile_text, escape, view)

    def _render(self, medium: Medium, view: View, template: str) -> str:
        for name in dict.fromkeys((template, DEFAULT)):
            if not self.has(name, medium):
                continue
            try:
                return self.named(name, medium, view)
            except BadTemplateError as error:
                log.error(  # noqa: TRY400 - where in our own code is of no interest
                    "template failed, the default one is used",
                    template=name,
                    medium=medium,
                    error=str(error),
                )
        return self.named(OWN_FOLDER + DEFAULT, medium, view)

    def _loader(self, name: str) -> tuple[str, Callable[[Sandbox], Template]]:
        if name not in self._sources:
            raise BadTemplateError(name, None, "there is no template of this name")
        return self._sources[name].file, lambda sandbox: sandbox.get_template(name)

    def _run(
        self,
        file: str,
        load: Callable[[Sandbox], Template],
        medium: Medium,
        view: View | None,
    ) -> str:
        sandbox = self._sandbox(medium)
        sandbox.refill(OWN_ALLOWANCE if file in self._own else ALLOWANCE)
        try:
            template = load(sandbox)
            if view is None:
                return ""
            return template.render(view=view, alarm=view.alarms[0])
        except Exception as error:  # a template may fail in any way
            raise fault_of(error, file, self._files) from error

    def _sandbox(self, medium: Medium) -> Sandbox:
        if medium not in self._sandboxes:
            self._sandboxes[medium] = Sandbox(
                dialect_of(medium), FunctionLoader(self._load)
            )
        return self._sandboxes[medium]

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = self._sources.get(name)
        return None if source is None else (source.text, source.file, lambda: True)
