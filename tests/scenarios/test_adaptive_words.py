"""Callers and reports in a model's words: the script's facts, the report's lines, and nothing else."""

import json
from dataclasses import replace

import pytest

from llm_router import Router, Sensitivity, default_policy
from llm_router.policy import Policy
from llm_router.providers.port import ModelPort
from llm_router.providers.scripted import Line, ScriptedModels
from scenarios.adaptive import AdaptiveCaller, CallerSays, Fact, Said, ScriptLine, line_of, refused, say
from scenarios.report import as_html, worded
from scenarios.report_words import report_text
from scenarios.script import load_script, script_ids
from tests.scenarios.test_report import report

pytestmark = pytest.mark.unit

FACTS = (
    Fact("place", "We are at 14 Mill Lane"),
    Fact("breath", "making a snoring noise", word_for_word=True),
    Fact("age", "He is 58"),
    Fact("tablets", "He took an overdose of his heart tablets"),
)
LINE = ScriptLine(
    text="He's making a snoring noise, we're at 14 Mill Lane.",
    facts=FACTS,
    told=frozenset({"place", "breath"}),
    needed=frozenset({"breath"}),
    manner="frightened",
)


class Town:
    """The policy that ships, with scripted models behind every endpoint."""

    def __init__(self, answer: object, *endpoints: str) -> None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        self.ports = {name: ScriptedModels([Line(text)]) for name in endpoints or ("ollama", "openai", "anthropic")}
        policy: Policy = default_policy()
        self.router = Router(policy, self._connect)

    def _connect(self, name: str, endpoint: object) -> ModelPort | None:
        return self.ports.get(name)

    def asked(self) -> set[str]:
        return {name for name, port in self.ports.items() if port.asked}


async def said(answer: object, line: ScriptLine = LINE) -> Said:
    return await say(Town(answer).router, line)


async def test_a_caller_in_own_words_keeps_to_the_facts_of_the_script() -> None:
    words = "Please hurry, he's making a snoring noise, 14 Mill Lane!"
    answer = await said({"text": words, "facts": ["breath", "place"]})
    assert answer.text == words
    assert answer.model is not None


async def test_without_a_model_the_scripted_line_is_said() -> None:
    assert await say(None, LINE) == Said(LINE.text, None)
    assert await said("I would rather not play this role.") == Said(LINE.text, None)


@pytest.mark.parametrize(
    ("text", "facts", "rule"),
    [
        ("He's making a snoring noise.", ["breath", "wallet"], "unknown_fact"),
        ("He's making a snoring noise and he is 58.", ["breath", "age"], "hidden_fact"),
        ("We are at 14 Mill Lane.", ["place"], "fact_left_out"),
        ("He breathes a bit loudly.", ["breath"], "sign_reworded"),
        ("He's making a snoring noise, he took an overdose of his heart tablets.", ["breath"], "hidden_fact"),
        ("He's making a snoring noise, call me on 5550142.", ["breath"], "made_up"),
        ("He's making a snoring noise, my brother Gerald saw it.", ["breath"], "made_up"),
        ("He's making a snoring noise at seventy two Mill Lane.", ["breath", "place"], "made_up"),
    ],
)
async def test_what_the_script_does_not_hold_or_not_yet_is_never_said(text: str, facts: list[str], rule: str) -> None:
    assert refused(LINE, CallerSays(text=text, facts=facts)) == rule
    assert await said({"text": text, "facts": facts}) == Said(LINE.text, None)


async def test_the_script_alone_may_go_to_a_cloud_and_an_operators_words_never() -> None:
    answer = {"text": "He's making a snoring noise.", "facts": ["breath"]}
    script = ScriptLine("He's making a snoring noise.", FACTS[1:], frozenset({"breath"}))
    asked = replace(script, operator_said="Is he awake?")
    clouds = Town(answer, "openai", "anthropic")
    assert (await say(clouds.router, script)).model is not None
    assert clouds.asked()
    clouds, own = Town(answer, "openai", "anthropic"), Town(answer)
    assert (await say(clouds.router, asked)).model is None
    assert clouds.asked() == set()
    assert (await say(own.router, asked)).model is not None
    assert own.asked() == {"ollama"}


async def test_the_player_gets_own_words_for_small_talk_and_the_scripts_for_what_is_scored() -> None:
    script = load_script("agonal-snoring-sofa")
    turns = {turn.id: turn for turn in script.turns}
    words = "Eight Church Street, the flat above the bakery. Please come!"
    town = Town({"text": words, "facts": []})
    caller = AdaptiveCaller(town.router)
    assert await caller.words(script, turns["where"], frozenset(), "Where are you?") == words
    assert town.asked() == {"ollama"}
    town.ports["ollama"].asked.clear()
    for scored in ("breath", "end"):
        assert await caller.words(script, turns[scored], frozenset(), "") is None
    assert town.asked() == set()


@pytest.mark.parametrize("name", script_ids())
def test_every_script_may_at_least_be_said_in_its_own_words(name: str) -> None:
    script, told = load_script(name), frozenset[str]()
    for turn in script.turns:
        line = line_of(script, turn, told, "")
        answer = CallerSays(text=turn.say[:300], facts=list(turn.reveals))
        assert refused(line, answer) in (None, "hidden_fact"), turn.id
        told |= set(turn.reveals)


LINES = ("Address verified after 21 s (goal 30 s)", "Arrest recognised after 75 s (goal 60 s)", "AED not asked for")


async def test_a_report_in_words_names_its_lines_and_stays_in_the_house() -> None:
    town = Town({"sentences": [{"text": "The arrest was recognised late, after 75 s.", "lines": [2]}]})
    text = await report_text(town.router, LINES, "template")
    assert text.text == "The arrest was recognised late, after 75 s."
    assert town.asked() == {"ollama"}
    assert town.router.policy.tasks["report_text"].label is Sensitivity.SENSITIVE


async def test_sentences_that_the_report_does_not_bear_out_are_dropped_and_the_template_stands_in() -> None:
    wrong = [
        {"text": "It took 12 s.", "lines": [2]},
        {"text": "All was well.", "lines": [9]},
        {"text": "Then Gerald came.", "lines": [1]},
    ]
    assert (await report_text(Town({"sentences": wrong}).router, LINES, "template")).text == "template"
    assert (await report_text(None, LINES, "template")).model is None
    right = {"text": "No AED was asked for.", "lines": [3]}
    assert (await report_text(Town({"sentences": [*wrong, right]}).router, LINES, "t")).text == right["text"]


async def test_the_report_page_says_its_result_in_words_and_whose_they_are() -> None:
    town = Town({"sentences": [{"text": "The call did not pass.", "lines": [1]}]})
    page = as_html(await worded(report(), town.router))
    assert "The call did not pass." in page
    assert "in the words of" in page
    plain = as_html(await worded(report(), None))
    assert "Not passed with" in plain
    assert "in the words of" not in plain
