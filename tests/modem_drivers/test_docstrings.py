"""What a caller of the library is promised is written where he looks: at the function."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import modem_drivers

ROOT = Path(modem_drivers.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
ERRORS = re.compile(r"\b[A-Z][A-Za-z]+\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def public(body: list[ast.stmt], above: str) -> Iterator[tuple[ast.ClassDef | Function, str]]:
    """Each public class and function, with the docstrings round it."""
    for node in body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node, above
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{above} {ast.get_docstring(node)}")


def raised(function: Function) -> set[str]:
    """The errors that a function raises in so many words."""
    found = (node.exc for node in ast.walk(function) if isinstance(node, ast.Raise) and node.exc is not None)
    names = (ast.unparse(error).partition("(")[0] for error in found)
    return {name for name in names if ERRORS.fullmatch(name)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_public_has_a_docstring_that_names_what_it_raises(path: Path) -> None:
    module = ast.parse(path.read_text("utf-8"))
    for node, above in public(module.body, ast.get_docstring(module) or ""):
        said = ast.get_docstring(node)
        assert said, f"{path.name}:{node.lineno} {node.name}"
        if isinstance(node, Function) and said != "See Transport.":
            unsaid = raised(node) - set(ERRORS.findall(f"{above} {said}"))
            assert not unsaid, f"{path.name}:{node.lineno} {node.name} raises {unsaid}"
