"""The reports for programs: one JSON object, and JUnit's XML for build servers."""

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

import msgspec

from relay.config.problems import Problem
from relay.ruletest.report import test_lines
from relay.ruletest.results import CaseVerdict, FileVerdict

_ILLEGAL: Final = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\N{LINEAR B SYLLABLE B008 A}-\U0010ffff]"
)
"""What XML 1.0 cannot hold, however it is written (section 2.2, "Characters")."""


def as_json(verdicts: Sequence[FileVerdict]) -> dict[str, object]:
    """Return everything that is known, as JSON's own types."""
    tests = [test for each in verdicts for test in each.tests]
    failed = [test for test in tests if not test.has_passed]
    return {
        "ok": all(each.has_passed for each in verdicts),
        "tests": len(tests),
        "failed": len(failed),
        "invalid_files": sum(bool(each.problems) for each in verdicts),
        "files": [_file_json(each) for each in verdicts],
    }


def as_junit(verdicts: Sequence[FileVerdict]) -> bytes:
    """Return a JUnit XML document: a suite for each file, a case for each test.

    A file that is not valid is a case with an error.
    """
    root = ET.Element("testsuites", name="relay test")
    for verdict in verdicts:
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_legal(verdict.file),
            tests=str(len(verdict.tests) or len(verdict.problems[:1])),
            failures=str(len(verdict.failed)),
            errors=str(len(verdict.problems[:1])),
            skipped="0",
            time=f"{verdict.secs:.3f}",
        )
        if verdict.problems:
            _add_invalid(suite, verdict)
        for test in verdict.tests:
            _add_case(suite, verdict, test)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _add_invalid(suite: ET.Element, verdict: FileVerdict) -> None:
    file = _legal(verdict.file)
    case = ET.SubElement(suite, "testcase", classname=file, name=file, time="0")
    lines = [_legal(str(problem)) for problem in verdict.problems]
    error = ET.SubElement(case, "error", message=lines[0], type="invalid")
    error.text = "\n".join(lines)


def _add_case(suite: ET.Element, verdict: FileVerdict, test: CaseVerdict) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_legal(verdict.file),
        name=_legal(test.name),
        file=_legal(verdict.file),
        line=str(test.line),
        time=f"{test.secs:.3f}",
    )
    if test.differences:
        subjects = "; ".join(each.subject for each in test.differences)
        failure = ET.SubElement(
            case, "failure", message=_legal(subjects), type="difference"
        )
        lines = [line.plain for line in test_lines(test, verdict.file)]
        failure.text = _legal("\n".join(lines))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def _file_json(verdict: FileVerdict) -> dict[str, object]:
    return {
        "file": verdict.file,
        "ok": verdict.has_passed,
        "problems": [_problem_json(each) for each in verdict.problems],
        "tests": [_test_json(each) for each in verdict.tests],
    }


def _problem_json(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "option": problem.option,
        "message": problem.message,
    }


def _test_json(test: CaseVerdict) -> dict[str, object]:
    return {
        "name": test.name,
        "line": test.line,
        "ok": test.has_passed,
        "secs": round(test.secs, 6),
        "differences": msgspec.to_builtins(test.differences),
        "transitions": msgspec.to_builtins(test.moments),
        "events": msgspec.to_builtins(test.events),
    }
