"""Field descriptions from the docstrings under the fields of a model's source.

In: a model class. Out: field name -> text. The contract keeps its prose where people read it, in the source; this puts
it into the documents without making every process that imports the contract pay for it.
"""

import ast
import inspect
import textwrap
from itertools import pairwise

from dispatch.contract.base import Message


def field_docs(model: type[Message]) -> dict[str, str]:
    """The docstring that follows each field, for the fields that the class itself declares."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = node.body if isinstance(node, ast.ClassDef) else []
    return {
        before.target.id: inspect.cleandoc(after.value.value)
        for before, after in pairwise(body)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    }


def inherited_field_docs(model: type[Message]) -> dict[str, str]:
    """The same with those of the classes above, the nearest one winning."""
    docs: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if issubclass(parent, Message) and parent is not Message:
            docs |= field_docs(parent)
    return docs
