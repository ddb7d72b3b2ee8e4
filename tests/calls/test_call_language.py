"""The language of a call: what an operator sets is what the recogniser listens for, at once and after a restart."""

from pathlib import Path

import pytest

from dispatch.bootstrap import Node
from dispatch.calls.recovery import find_calls, language_of
from dispatch.contract.console import SetLanguage
from dispatch.contract.problems import ProblemCode
from dispatch.contract.timeline import LanguageSet, SpeechFinal
from tests.calls.test_calls_over_the_wire import answered, close, entries, until
from tests.calls.test_recovery import KEYS, LOG, LOG_NAME, SOUND, cut_folder, line
from tests.fixtures_node import new_id, talk


@pytest.mark.integration
async def test_the_words_that_follow_are_heard_in_the_language_that_the_operator_set(node: Node) -> None:
    caller, console, call_id = await answered(node)
    done = await console.command(SetLanguage(command_id=new_id(), call_id=call_id, language="de"))
    unknown = await console.command(SetLanguage(command_id=new_id(), call_id=call_id, language="xx"))
    await talk(caller, 3.0)
    await talk(caller, 1.5, first=150, loud=False)
    await until(lambda: any(isinstance(e.body, SpeechFinal) for e in entries(console, call_id)))
    set_by = next(e for e in entries(console, call_id) if isinstance(e.body, LanguageSet))
    assert (done.ok, set_by.seq, set_by.actor.person_id is not None) == (True, done.seq, True)
    assert unknown.problem is not None
    assert unknown.problem.code is ProblemCode.NOT_FOUND
    finals = [e.body.utterance for e in entries(console, call_id) if isinstance(e.body, SpeechFinal)]
    assert {utterance.language for utterance in finals if utterance.words} == {"de"}
    await close(caller, console)


@pytest.mark.unit
@pytest.mark.parametrize(("said", "language"), [([], None), (["de"], "de"), (["de", "fr"], "fr"), (["de", None], None)])
def test_a_restart_keeps_the_language_that_was_set_last(
    tmp_path: Path, said: list[str | None], language: str | None
) -> None:
    folder = cut_folder(tmp_path, 0, len(b"".join(SOUND)))
    set_lines = [line(len(LOG) + 1 + i, LanguageSet(language=one)) for i, one in enumerate(said)]
    (folder / LOG_NAME).write_bytes(b"".join([*LOG, *set_lines]))
    (found,) = find_calls(tmp_path, KEYS)
    assert language_of(found) == language
