"""docs/configuration.md says of each setting what fleet/settings.py says of it, and nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import fleet.settings
from fleet.settings import ROLES, Settings

SOURCE = Path(fleet.settings.__file__)
PAGE = SOURCE.parents[1] / "docs/configuration.md"


def meanings() -> dict[tuple[str, str], str]:
    """(class, field) → its docstring, on one line."""
    found = {}
    for node in ast.parse(SOURCE.read_text()).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for field, after in zip(node.body, node.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _text(after):
                found[node.name, field.target.id] = " ".join(_text(after).split())
    return found


def rows(model: type[BaseModel]) -> list[str]:
    """The table of a section, a row for each setting."""
    said = meanings()
    return [
        f"| `{name}` | {kind(field.annotation)} | {default(field)} | {said.get((model.__name__, name), '')} |"
        for name, field in model.model_fields.items()
        if not sections(field.annotation)
    ]


def kind(annotation: Any) -> str:
    """What is written for it in TOML."""
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(annotation))
    if get_origin(annotation) is frozenset:
        return "list of " + ", ".join(f"`{role}`" for role in ROLES)
    if get_origin(annotation) is tuple:
        return "list of text"
    plain = [part for part in get_args(annotation) if part is not type(None)] or [annotation]
    return {str: "text", int: "integer", float: "number", bool: "true or false", Path: "path"}[plain[0]]


def default(field: Any) -> str:
    """The default as TOML has it."""
    value = field.default
    if value is PydanticUndefined:
        return "needed"
    if isinstance(value, frozenset):
        return "all"
    if value in (None, ()):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"`{value:.0f}`" if value.is_integer() else f"`{value}`"
    return f"`{value}`" if isinstance(value, int) else f'`"{value}"`'


def sections(annotation: Any) -> list[type[BaseModel]]:
    """The part of the tree behind a field, if it is one."""
    parts = [annotation, *get_args(annotation)]
    return [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]


def tables() -> Iterator[tuple[str, list[str]]]:
    """Heading → rows, for the whole tree."""
    yield "## At the top", rows(Settings)
    for name, field in Settings.model_fields.items():
        for model in sections(field.annotation):
            many = get_origin(field.annotation) is list
            yield f"## `[[{name}]]`" if many else f"## `[{name}]`", rows(model)


def _text(node: ast.stmt) -> str:
    constant = node.value if isinstance(node, ast.Expr) else None
    return constant.value if isinstance(constant, ast.Constant) and isinstance(constant.value, str) else ""


@pytest.mark.parametrize(
    ("heading", "expected"), list(tables()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_page_has_each_setting_of_a_section(heading: str, expected: list[str]) -> None:
    page = PAGE.read_text()
    assert heading in page.splitlines(), f"add to {PAGE.name}:\n{heading}\n" + "\n".join(expected)
    section = page.split(f"\n{heading}\n")[1].split("\n## ")[0]
    found = [line for line in section.splitlines() if line.startswith("| `")]
    assert found == expected, f"expected in {PAGE.name} under {heading}:\n" + "\n".join(expected)


def test_the_page_has_no_section_that_is_gone() -> None:
    headings = [line for line in PAGE.read_text().splitlines() if line.startswith("## ")]
    assert headings == [heading for heading, _ in tables()]


def test_each_setting_says_what_it_is_for() -> None:
    silent = [row for _, expected in tables() for row in expected if row.endswith("|  |")]
    assert silent == []
