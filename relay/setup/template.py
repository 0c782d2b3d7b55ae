"""The tools that a setup can be printed for as a template."""

from enum import StrEnum


class Template(StrEnum):
    """Tools that can make a setup instead of ``relay setup apply``."""

    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"
