"""Proves the configuration's templates: compiles each, and renders it on samples.

What fails here would fail when something has happened, which is the worst time for it.
"""

from collections.abc import Iterator

from relay.config.problems import Problem
from relay.config.schema import Loaded
from relay.config.template_files import TemplateFile
from relay.errors import ConfigError
from relay.notify.content.faults import BadTemplateError
from relay.notify.content.media import Medium
from relay.notify.content.render import Templates
from relay.notify.content.samples import Sample, sample_bundle
from relay.notify.content.sources import medium_of
from relay.notify.content.view import Background


def load_templates(loaded: Loaded) -> Templates:
    """Return the templates that ``loaded`` names, proved.

    Raises ConfigError with every problem of every template.
    """
    problems = template_problems(loaded)
    if problems:
        raise ConfigError([str(problem) for problem in problems])
    return _templates(loaded)


def template_problems(loaded: Loaded) -> list[Problem]:
    """Return what is wrong with the templates, each fault once, with its line."""
    templates = _templates(loaded)
    found = {
        (problem.file, problem.line, problem.message): problem
        for file in loaded.templates
        for problem in _problems(file, templates)
    }
    return list(found.values())


def background_of(loaded: Loaded) -> Background:
    """Return what the configuration adds to a notification's view.

    Queries look into every log group that records go to, the main one first.
    """
    logs = loaded.config.logs
    groups = (logs.group, *(route.group for route in logs.routes if route.group))
    return Background(
        accounts=loaded.config.notify.accounts,
        log_groups=tuple(dict.fromkeys(groups)),
    )


def _templates(loaded: Loaded) -> Templates:
    return Templates(loaded.templates, background=background_of(loaded))


def _problems(file: TemplateFile, templates: Templates) -> Iterator[Problem]:
    try:
        medium = medium_of(file.name)
    except ValueError as error:
        yield _problem(file.file, None, f"is for no medium: {error}")
        return
    try:
        if medium is None:
            templates.compile(file.name, Medium.TEXT)
            return
        for sample in Sample:
            view = templates.view(sample_bundle(sample))
            templates.from_file(file.name, medium, view)
    except BadTemplateError as error:
        yield _problem(error.file, error.line, error.text)


def _problem(file: str, line: int | None, message: str) -> Problem:
    return Problem(file=file, line=line, location=(), message=message)
