"""How people and places are kept: separate entities, joined by references, asked only through the scoped session."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.storage.tables import Row

pytestmark = pytest.mark.unit

DISPATCH = Path(__file__).parents[2] / "dispatch"
RAW = {"text", "exec_driver_sql", "connection", "get_bind", "engine"}
"""Ways around the scoped session, of SQLAlchemy and of ours."""


def references(table: str) -> set[tuple[str, str]]:
    """Column and referred table of every foreign key."""
    return {(key.parent.name, key.column.table.name) for key in Row.metadata.tables[table].foreign_keys}


def test_people_staff_and_residents_are_entities_of_their_own_and_no_subtypes_of_a_user():
    tables = Row.metadata.tables.keys()
    assert {"person", "staff", "resident", "hospital", "community", "dispatch_centre"} <= tables
    assert not {name for name in tables if "user" in name or name in {"member", "actor", "party"}}
    assert not [mapper for mapper in Row.registry.mappers if mapper.inherits or mapper.polymorphic_on is not None]


def test_hospitals_and_communities_are_many_to_many_and_people_belong_to_theirs():
    assert references("hospital_community") == {("hospital_id", "hospital"), ("community_id", "community")}
    link = Row.metadata.tables["hospital_community"]
    assert {column.name for column in link.primary_key} == {"hospital_id", "community_id"}
    assert {("hospital_id", "hospital"), ("person_id", "person")} <= references("staff")
    assert {("community_id", "community"), ("person_id", "person")} <= references("resident")
    assert references("centre_community") == {("centre_id", "dispatch_centre"), ("community_id", "community")}


def handlers() -> Iterator[tuple[str, ast.AST]]:
    """Every module that answers requests: it has a function that is given an `Asked`."""
    for path in sorted(DISPATCH.rglob("*.py")):
        tree = ast.parse(path.read_text())
        asked = [
            argument
            for node in ast.walk(tree)
            if isinstance(node, ast.AsyncFunctionDef)
            for argument in node.args.args
            if argument.annotation is not None and ast.unparse(argument.annotation).startswith("Asked[")
        ]
        if asked and path.parent.name != "api":
            yield str(path.relative_to(DISPATCH)), tree


def ways_around(tree: ast.AST) -> set[str]:
    """Names and attributes by which a module gets past the scoped session."""
    called = {ast.unparse(node.func).rpartition(".")[2] for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return called & RAW


def test_no_handler_asks_the_database_around_the_scoped_session():
    found = list(handlers())
    assert len(found) > 5
    assert {name: ways_around(tree) for name, tree in found if ways_around(tree)} == {}


@pytest.mark.parametrize(
    "code", ["session.execute(text('SELECT 1'))", "(await session.connection()).execute(q)", "session.get_bind()"]
)
def test_a_way_around_would_be_found(code):
    assert ways_around(ast.parse(f"async def handler(asked: Asked[None, None], session):\n    {code}"))


def test_tokens_are_read_in_one_place():
    readers = [path.name for path in DISPATCH.rglob("*.py") if "jwt.decode(" in path.read_text()]
    assert readers == ["tokens.py"]
