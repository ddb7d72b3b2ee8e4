"""`kiwimesh people` and `kiwimesh tenants` at the command line of an installation's owner."""

import json

import pytest

from dispatch.cli import run

pytestmark = pytest.mark.integration
PASSWORD = "correct horse battery"


@pytest.fixture
def kiwimesh(fresh_servers, tmp_path, monkeypatch, capsys):
    """Runs a command on an empty installation; gives its exit code and its JSON."""
    monkeypatch.setenv("DATABASE_URL", fresh_servers.database_url)
    monkeypatch.setenv("KIWIMESH_DATABASE_OWNER_URL", fresh_servers.owner_url)

    def command(*arguments: str) -> tuple[int, dict]:
        code = run([*arguments, "--data", str(tmp_path), "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return command


def test_the_owner_founds_a_super_admin_and_organisations_that_serve_each_other(kiwimesh):
    founding = ("people", "admin", "--email", "Ada@people.example", "--name", "Ada", "--password")
    code, made = kiwimesh(*founding, PASSWORD)
    assert (code, made.get("message")) == (0, None)
    assert kiwimesh(*founding, PASSWORD)[1]["person_id"] == made["person_id"]
    _, hospital = kiwimesh("tenants", "onboard", "hospital", "Bay Hospital")
    _, community = kiwimesh("tenants", "onboard", "community", "Bay")
    _, centre = kiwimesh("tenants", "onboard", "centre", "Bay Dispatch", "--number", "112", "--default")
    for kind, organisation in (("hospital", hospital["id"]), ("centre", centre["id"])):
        assert kiwimesh("tenants", "link", kind, organisation, community["id"])[0] == 0
    assert kiwimesh("tenants", "entry", "bay", centre["id"])[0] == 0
    _, listed = kiwimesh("tenants", "list")
    assert [one["entries"] for one in listed["organisations"] if one["kind"] == "centre"] == [["bay"]]
    assert {one["id"] for one in listed["organisations"]} == {hospital["id"], community["id"], centre["id"]}


def test_what_cannot_be_done_is_said_with_a_code(kiwimesh):
    admin = ("people", "admin", "--email", "ada@people.example", "--name", "Ada", "--password", "short")
    assert kiwimesh(*admin)[1]["code"] == "weak_password"
    assert kiwimesh("tenants", "onboard", "centre", "No number")[1]["code"] == "bad_option"
    assert kiwimesh("tenants", "link", "hospital", "none", "none")[1]["code"] == "not_found"
    assert kiwimesh("tenants", "entry", "bay", "none")[1]["code"] == "not_found"
    assert kiwimesh("tenants", "entry", "two words", "none")[1]["code"] == "bad_option"
    assert kiwimesh("people", "suspend", "--email", "nobody@people.example")[1]["code"] == "not_found"


def test_an_empty_installation_begins_with_one_command_and_a_second_time_nothing_happens(kiwimesh, monkeypatch):
    monkeypatch.setenv("KIWIMESH_ADMIN_EMAIL", "ada@people.example")
    monkeypatch.setenv("KIWIMESH_ADMIN_PASSWORD", "short")
    assert kiwimesh("tenants", "begin", "Bay Dispatch")[1]["code"] == "weak_password"
    monkeypatch.setenv("KIWIMESH_ADMIN_PASSWORD", PASSWORD)
    code, made = kiwimesh("tenants", "begin", "Bay Dispatch")
    assert (code, made["ok"]) == (0, True)
    assert kiwimesh("people", "suspend", "--email", "ada@people.example")[0] == 0
    assert kiwimesh("tenants", "begin", "Another")[1]["id"] is None
    _, listed = kiwimesh("tenants", "list")
    assert [(one["id"], one["name"]) for one in listed["organisations"]] == [(made["id"], "Bay Dispatch")]


def test_a_server_on_an_empty_database_says_which_command_is_missing(kiwimesh, capsys):
    kiwimesh("tenants", "list")
    assert run(["serve", "--port", "0"]) == 1
    assert "kiwimesh tenants begin NAME" in capsys.readouterr().err


def test_the_owner_shows_somebody_out_and_lets_them_in_again(kiwimesh):
    kiwimesh("people", "admin", "--email", "ada@people.example", "--name", "Ada", "--password", PASSWORD)
    for verb in ("suspend", "reinstate"):
        code, told = kiwimesh("people", verb, "--email", "ada@people.example")
        assert (code, told["ok"]) == (0, True)
