"""The YAML form: what it accepts, and how it says what is wrong."""

from pathlib import Path

import pytest
import yaml

from dispatch.contract.training import Rubric
from scenarios.script import CallType, ScriptError, load_script, read_script, script_ids
from scenarios.sound import FORMAT, announcement, heard_hash, voice_of

pytestmark = pytest.mark.contract

GOOD = {
    "id": "mine",
    "title": "A fall",
    "type": "fall",
    "brief": "Short.",
    "persona": {"who": "Her son", "voice": "joe", "emotion": 2, "erratic": 1, "noise": "none", "snr_db": 30},
    "gold": {"category": 3, "complaint": "fall"},
    "facts": {"since": "two hours"},
    "standard": "urgent",
    "turns": [
        {"id": "opening", "at_s": 0.5, "say": "She fell."},
        {"id": "where", "ask": ["location"], "say": "Nine Hill Road.", "reveals": ["since"]},
        {"id": "end", "closing": True, "say": "Bye."},
    ],
    "expect": [{"action": "ask:long_on_floor", "by_s": 90}],
}


def written(folder: Path, content: object, name: str = "mine") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def changed(**changes: object) -> dict[str, object]:
    return {**GOOD, **changes}


def turns(*more: object) -> dict[str, object]:
    return changed(turns=[*GOOD["turns"], *more])  # type: ignore[misc]


def test_a_script_has_the_actions_of_its_standard_and_its_own(tmp_path: Path) -> None:
    rubric = read_script(written(tmp_path, GOOD)).rubric
    assert isinstance(rubric, Rubric)
    assert rubric.expects("ask:location")
    assert rubric.expects("ask:long_on_floor")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (changed(titel="A fall"), ": titel: is no field of this form"),
        ({key: value for key, value in GOOD.items() if key != "gold"}, "mine.yaml: line 1: gold: is missing; add it"),
        (changed(type="tumble"), ": type: Input should be"),
        (changed(expect=[{"action": "ask:long_on_flor"}]), "did you mean long_on_floor"),
        (changed(expect=[{"action": "shout"}]), "there is no action `shout`"),
        (turns({"id": "x", "say": "Hm."}), ": turns.3: give exactly one of"),
        (turns({"id": "x", "say": "Hm.", "at_s": 3, "dispatch": True}), "here: at_s, dispatch"),
        (turns({"id": "x", "say": "Hm.", "ask": ["brething"]}), "did you mean breathing"),
        (turns({"id": "x", "say": "Hm.", "instruct": ["cpr_adult/pusch"]}), "did you mean cpr_adult/push"),
        (turns({"id": "where", "say": "Hm.", "at_s": 3}), "turn `where` is there twice"),
        (turns({"id": "x", "say": "Hm.", "at_s": 3, "reveals": ["age"]}), "`facts` does not hold; add it there"),
        (turns({"id": "x", "say": "Hm.", "unasked": "age"}), "`unasked` needs `after_s`"),
        (turns({"id": "x", "say": "Hm.", "closing": True}), "exactly one turn is `closing: true`"),
        (changed(standard="strict"), "there is no standard `strict`; there are: none, routine"),
        (changed(id="yours"), "the file is named mine, the id says yours"),
        ("id: mine\ntitle: a: b\n", "mine.yaml: line 2: not YAML"),
        ("- a\n", "the file holds no mapping; begin with `id: mine`"),
    ],
)
def test_what_is_wrong_is_said_with_file_place_and_way_out(tmp_path: Path, content: object, told: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_script(written(tmp_path, content))
    assert told in str(caught.value)


def test_each_problem_is_said_with_the_line_on_which_it_lies(tmp_path: Path) -> None:
    text = """id: mine
title: A fall
type: tumble
turns:
  - {id: opening, at_s: 0.5, say: She fell.}
  - id: where
    ask: [location]
    say: Nine Hill Road.
    tone: calm
"""
    with pytest.raises(ScriptError) as caught:
        read_script(written(tmp_path, text))
    lines = str(caught.value).splitlines()
    assert any(line.startswith("mine.yaml: line 3: type: ") for line in lines)
    assert any(line.startswith("mine.yaml: line 9: turns.1.tone: is no field") for line in lines)


def test_a_script_that_does_not_exist_is_named() -> None:
    with pytest.raises(ScriptError, match="kiwimesh scenarios list"):
        load_script("no-such-script")


def test_the_library_covers_all_call_types_with_four_voices_or_more_and_every_trap_of_the_job() -> None:
    scripts = [load_script(name) for name in script_ids()]
    assert len(scripts) >= 32
    assert {script.type for script in scripts} == set(CallType)
    assert len({script.persona.voice for script in scripts}) >= 4
    assert {turn.lang for script in scripts for turn in script.turns} >= {"es", "de"}
    assert sum(script.gold.category >= 4 for script in scripts) >= 4
    assert sum(any(turn.trap for turn in script.turns) for script in scripts) >= 8
    assert all(any(turn.distractor for turn in s.turns) or s.type in ("non_english", "wrong_number") for s in scripts
               if s.id != "child-arrest-cot")  # fmt: skip


@pytest.mark.parametrize("name", script_ids())
def test_every_line_of_the_library_can_be_heard_and_is_of_its_text(name: str) -> None:
    script = load_script(name)
    voice = voice_of(script)
    for turn in script.turns:
        line = voice.lines[turn.id]
        seconds = len(line.samples) / FORMAT.sample_rate
        assert 0.2 < line.words_end_s < seconds
        assert seconds / max(1, len(turn.say.split())) > 0.15
    assert len(voice.bed) > FORMAT.sample_rate


def test_the_whole_library_is_small_enough_to_be_kept_with_the_code() -> None:
    from scenarios.script import LIBRARY

    assert sum(path.stat().st_size for path in LIBRARY.rglob("*.*")) < 40_000_000


def test_another_word_makes_the_recording_out_of_date(tmp_path: Path) -> None:
    script = load_script(script_ids()[0])
    other = script.turns[0].model_copy(update={"say": "Something else."})
    changed_script = script.model_copy(update={"turns": (other, *script.turns[1:])})
    assert heard_hash(changed_script) != heard_hash(script)
    with pytest.raises(ScriptError, match="record it anew"):
        voice_of(changed_script)


def test_every_training_call_begins_with_the_word_exercise() -> None:
    assert announcement().words_end_s > 1
