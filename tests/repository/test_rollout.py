"""A new version that is not fit for calls does not keep them: the script of `make rollout`, with Docker played."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
DOCKER = """
# Plays `docker compose` for two servers on one volume. Fit: what the new version manages, "stand" and "take".
import json, sys
from pathlib import Path

file = Path(sys.argv[1])
state = json.loads(file.read_text())
verb, names = sys.argv[2], [word for word in sys.argv[3:] if word in ("server", "standby", "worker")]
servers, fit = state["servers"], state["fit"]


def holder():
    return next((name for name, one in servers.items() if one["holds"]), None)


def start(name):
    servers[name]["up"] = True
    pass_on()


def stop(name):
    servers[name] |= {"up": False, "holds": False}
    pass_on()


def pass_on():
    waiting = [name for name, one in servers.items() if one["up"]]
    if holder() is None and waiting:
        servers[waiting[0]]["holds"] = True


def is_ready(name):
    one = servers[name]
    return one["up"] and one["holds"] and (one["version"] == "old" or "take" in fit)


state["said"].append(" ".join([verb, *names]))
code = 0
if verb == "exec":
    print(json.dumps({"ready": is_ready(names[0])}))
elif verb == "stop":
    stop(names[0])
elif verb == "start":
    start(names[0])
elif verb == "up":
    for name in (name for name in names if name in servers):
        stop(name)
        servers[name]["version"] = "new"
        start(name)
        code = 0 if "stand" in fit else 1
state["served"].append(holder())
file.write_text(json.dumps(state))
sys.exit(code)
"""


def rolled_out(folder: Path, holder: str, *fit: str) -> tuple[int, dict[str, dict[str, object]], list[str]]:
    """The script's exit code, what became of both servers, and what was asked of Docker, with a new version so fit."""
    servers = {name: {"up": True, "version": "old", "holds": name == holder} for name in ("server", "standby")}
    state = folder / "state.json"
    state.write_text(json.dumps({"servers": servers, "fit": fit, "said": [], "served": []}))
    (folder / "docker.py").write_text(DOCKER)
    played = f"{sys.executable} {folder / 'docker.py'} {state}"
    environment = {**os.environ, "COMPOSE": played, "PATIENCE_S": "1", "CHANGE_S": "1"}
    done = subprocess.run(["sh", "deploy/rollout.sh"], cwd=ROOT, env=environment, capture_output=True, check=False)
    found = json.loads(state.read_text())
    assert None not in found["served"], "at every moment some server holds the calls"
    return done.returncode, found["servers"], found["said"]


@pytest.mark.parametrize(("holder", "other"), [("server", "standby"), ("standby", "server")])
def test_a_fit_version_gets_the_calls_from_whoever_has_them(tmp_path: Path, holder: str, other: str) -> None:
    code, servers, said = rolled_out(tmp_path, holder, "stand", "take")
    assert code == 0
    assert servers[other] == {"up": True, "version": "new", "holds": True}
    assert servers[holder] == {"up": True, "version": "new", "holds": False}
    assert said[-1] == f"up {holder} worker"


def test_a_version_that_could_not_take_over_never_touches_the_calls(tmp_path: Path) -> None:
    code, servers, said = rolled_out(tmp_path, "server", "take")
    assert code == 1
    assert servers["server"] == {"up": True, "version": "old", "holds": True}
    assert not servers["standby"]["up"]
    assert "stop server" not in said


def test_a_version_that_is_not_ready_with_the_calls_gives_them_back(tmp_path: Path) -> None:
    code, servers, _ = rolled_out(tmp_path, "server", "stand")
    assert code == 1
    assert servers["server"] == {"up": True, "version": "old", "holds": True}
    assert not servers["standby"]["up"]


def test_without_a_ready_server_nothing_is_begun(tmp_path: Path) -> None:
    (tmp_path / "docker.py").write_text("print('{}')")
    environment = {**os.environ, "COMPOSE": f"{sys.executable} {tmp_path / 'docker.py'}"}
    done = subprocess.run(["sh", "deploy/rollout.sh"], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"nothing to fall back on" in done.stderr
