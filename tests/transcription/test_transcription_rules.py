"""The pure rules: agreement, endpoints, windows, guards, numbers, load."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.agreement import Agreement, AgreementRules, after_committed, continuation
from transcription.endpointing import HOP, Began, Ended, Endpointer, EndpointRules
from transcription.engine import HeardWord, Hypothesis
from transcription.events import Importance, Tier, Word
from transcription.guards import believable, loop_start, runs_away, token_cap, voiced, without_loops
from transcription.load import Lateness, LoadController, cadence
from transcription.normalise import normalised
from transcription.windows import (
    BUCKETS,
    QUICK_TAIL,
    TAIL,
    Clip,
    bucket,
    fitting,
    in_order,
    offsets,
    partial_start,
    quick_bucket,
    shared_out,
)

pytestmark = pytest.mark.unit

SECOND = 16000


def words(text: str, start: int = 0, probability: float = 0.5, each: int = 4800) -> list[Word]:
    """A word each 0.3 s."""
    return [Word(one, start + i * each, start + (i + 1) * each, probability) for i, one in enumerate(text.split())]


def texts(found: list[Word] | tuple[Word, ...]) -> str:
    return " ".join(word.text for word in found)


def hypothesis(text: str, **more: float) -> Hypothesis:
    heard = tuple(HeardWord(word.text, word.start, word.end, word.probability) for word in words(text))
    return Hypothesis(heard, "en", **more)


# Agreement

RULES = AgreementRules(
    certain=0.95,
    certain_after=SECOND // 5,
    sure=0.8,
    sure_after=4 * SECOND // 5,
    doubtful_after=3 * SECOND // 2,
    edge=SECOND // 2,
)


def test_a_word_is_stable_when_two_hypotheses_agree_on_it() -> None:
    agreement = Agreement(RULES)
    assert agreement.observe(words("my father is nut"), int(1.0 * SECOND)) == ()
    assert texts(agreement.observe(words("My father, is not breathing"), int(1.5 * SECOND))) == "My father, is"
    assert texts(agreement.rest) == "not breathing"


def test_a_sure_word_is_stable_at_once_when_sound_follows_it() -> None:
    agreement = Agreement(RULES)
    assert texts(agreement.observe(words("help me now", probability=0.9), int(1.5 * SECOND))) == "help me"


def test_the_surer_a_word_the_less_sound_must_follow_it() -> None:
    rules = AgreementRules()
    needed = [rules.after(probability) for probability in (0.0, 0.34, 0.35, 0.69, 0.7, 1.0)]
    assert needed == sorted(needed, reverse=True)
    assert len(set(needed)) == 3
    heard_at_once = {p: texts(Agreement(rules).observe(words("help me now", 0, p), SECOND)) for p in (0.9, 0.5, 0.2)}
    assert heard_at_once == {0.9: "help me now", 0.5: "help me", 0.2: "help"}


def test_a_pause_counts_as_sound_heard_after_a_word() -> None:
    said, end = words("he is cold", probability=0.5), int(1.05 * SECOND)
    assert texts(Agreement(AgreementRules()).observe(said, end)) == "he is"
    assert texts(Agreement(AgreementRules()).observe(said, end, pausing=True)) == "he is cold"


def test_a_doubtful_word_waits_longer_but_not_for_ever() -> None:
    agreement = Agreement(RULES)
    assert agreement.observe(words("help", probability=0.1), int(1.5 * SECOND)) == ()
    assert texts(agreement.observe(words("yelp", probability=0.1), 2 * SECOND)) == "yelp"


def test_words_at_the_edge_of_the_sound_are_not_trusted() -> None:
    agreement = Agreement(RULES)
    agreement.observe(words("he is cold"), int(0.9 * SECOND))
    assert texts(agreement.observe(words("he is cold"), int(0.9 * SECOND))) == "he"


def test_stable_words_heard_again_are_not_repeated() -> None:
    committed = words("please send an ambulance")
    again = words("an ambulance to the high street", start=committed[2].start)
    assert texts(after_committed(again, committed)) == "to the high street"


def test_a_window_that_begins_in_the_middle_of_a_stable_word_repeats_nothing() -> None:
    committed = words("please send an ambulance")
    again = words("bulance to the", start=committed[3].start)
    assert texts(after_committed(again, committed)) == "to the"


@given(st.lists(st.sampled_from(["yes", "no", "he", "is", "not", "breathing", "help"]), max_size=8), st.data())
def test_stable_words_only_grow(said: list[str], data: st.DataObject) -> None:
    agreement = Agreement(RULES)
    shown: list[Word] = []
    for _ in range(4):
        heard = data.draw(st.lists(st.sampled_from(["yes", "no", "he", "is", "not", "breathing", "help"]), max_size=8))
        shown.extend(agreement.observe(words(" ".join([*said, *heard])), 6 * SECOND))
        assert agreement.committed == shown


def test_the_end_of_a_final_that_is_not_stable_yet_is_found() -> None:
    assert texts(continuation(words("he is not"), words("he is not breathing at all"))) == "breathing at all"
    assert texts(continuation(words("she is nut"), words("he is not breathing"))) == "breathing"
    assert texts(continuation([], words("help"))) == "help"


def test_a_final_that_says_less_than_was_stable_adds_nothing() -> None:
    assert continuation(words("he is not breathing"), words("he is")) == ()


# Endpoints


def spoken(*parts: tuple[float, float]) -> list[float]:
    """Probabilities for stretches of (seconds, probability)."""
    return [chance for seconds, chance in parts for _ in range(round(seconds * SECOND / HOP))]


def boundaries(chances: list[float], rules: EndpointRules | None = None) -> list[Began | Ended]:
    ends = Endpointer(rules or EndpointRules())
    found = [ends.hear(chance) for chance in chances]
    return [boundary for boundary in found if boundary is not None]


def test_an_utterance_has_its_pre_roll_and_ends_after_half_a_second_of_quiet() -> None:
    began, ended = boundaries(spoken((1, 0.0), (2, 0.9), (1, 0.0)))
    assert isinstance(began, Began)
    assert isinstance(ended, Ended)
    assert began.start == pytest.approx(0.5 * SECOND, abs=HOP)
    assert began.voice - began.start == EndpointRules().pre_roll
    assert ended.start == began.start
    assert ended.end == pytest.approx(3.5 * SECOND, abs=2 * HOP)


def test_the_longer_an_utterance_is_the_shorter_the_pause_that_ends_it() -> None:
    ends = [one.end for one in boundaries(spoken((6, 0.9), (0.3, 0.0), (0.5, 0.9), (1, 0.0))) if isinstance(one, Ended)]
    assert len(ends) == 2
    assert ends[0] == pytest.approx(6.17 * SECOND, abs=2 * HOP)


def test_a_click_is_no_utterance() -> None:
    assert boundaries(spoken((1, 0.0), (0.05, 0.9), (2, 0.0))) == []


def test_a_short_pause_does_not_end_an_utterance() -> None:
    assert len(boundaries(spoken((1, 0.9), (0.4, 0.1), (1, 0.9), (1, 0.0)))) == 2


def test_a_voice_that_never_pauses_is_cut_at_its_quietest_place() -> None:
    found = boundaries(spoken((6.5, 0.9), (0.032, 0.5), (3, 0.9)))
    cut = found[1]
    assert isinstance(cut, Ended)
    assert cut.cut
    assert cut.end == pytest.approx(6.5 * SECOND, abs=2 * HOP)
    assert found[2] == Began(cut.end, cut.end)


@given(st.lists(st.floats(0, 1), max_size=400), st.integers(5, 60))
def test_utterances_never_overlap_and_never_grow_too_long(chances: list[float], longest: int) -> None:
    rules = EndpointRules(longest=longest * 2 * HOP, look_back=longest * HOP)
    ends = [boundary for boundary in boundaries(chances, rules) if isinstance(boundary, Ended)]
    for before, after in itertools.pairwise(ends):
        assert before.end <= after.start
    assert all(0 <= one.start < one.end and one.end - one.start <= rules.longest + rules.pre_roll for one in ends)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.9]), max_size=400))
def test_half_of_a_pause_is_over_before_all_of_it_and_never_while_somebody_speaks(chances: list[float]) -> None:
    ends, was_half_over = Endpointer(EndpointRules()), False
    for chance in chances:
        over, half_over = ends.hear(chance), ends.half_over
        if isinstance(over, Ended) and not over.cut and over.end - over.last_voice > HOP:
            assert was_half_over, "a look ahead was due before the utterance ended"
        assert not (half_over and chance >= EndpointRules().go_on)
        was_half_over = half_over


# Windows


@given(st.integers(1, 29 * SECOND))
def test_a_partials_window_is_never_longer_than_a_finals_and_always_has_room(samples: int) -> None:
    assert 5 * SECOND <= quick_bucket(samples) <= bucket(samples)
    assert quick_bucket(samples) - samples >= (QUICK_TAIL if quick_bucket(samples) < 8 * SECOND else TAIL)


@given(st.integers(1, 29 * SECOND))
def test_every_window_has_room_after_the_speech(samples: int) -> None:
    assert bucket(samples) - samples >= TAIL
    assert bucket(samples) >= 8 * SECOND


def test_a_partial_hears_a_little_before_its_open_words_again() -> None:
    assert partial_start(0, None, 3 * SECOND, SECOND) == 0
    assert partial_start(0, 5 * SECOND, 9 * SECOND, SECOND) == 4 * SECOND
    assert partial_start(0, None, 60 * SECOND, SECOND) == 60 * SECOND - BUCKETS[-1] + TAIL


@given(st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1600, 8 * SECOND)), min_size=1, max_size=6))
def test_words_of_a_merged_window_return_to_their_own_utterance(gaps: list[tuple[int, int]]) -> None:
    clips, at = [], 0
    for gap, length in gaps:
        clips.append(Clip(at + gap, at + gap + length))
        at += gap + length
    heard = [HeardWord(str(i), place + 100, place + 1100, 0.9) for i, place in enumerate(offsets(clips))]
    shares = shared_out(heard, clips)
    assert [texts(share) for share in shares] == [str(i) for i in range(len(clips))]
    assert [share[0].start for share in shares] == [clip.start + 100 for clip in clips]


def test_a_merged_window_takes_what_fits_and_at_least_one() -> None:
    clip = Clip(0, 10 * SECOND)
    assert fitting([clip, clip, clip]) == 2
    assert fitting([Clip(0, 26 * SECOND), clip]) == 1
    assert fitting([]) == 0


def test_word_times_never_run_backwards() -> None:
    found = in_order([Word("a", 0, 500, 1), Word("b", 300, 400, 1), Word("c", 200, 900, 1)])
    assert [(word.start, word.end) for word in found] == [(0, 500), (500, 500), (500, 900)]


# Guards


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no no no no", None),
        ("no no no no no no no", 1),
        ("help me help me help me", None),
        ("thank you thank you thank you thank you thank you", 2),
        ("I can see the fire I can see the fire I can see the fire", 5),
        ("my father is not breathing", None),
    ],
)
def test_loops_are_cut_and_people_who_repeat_themselves_are_not(said: str, kept: int | None) -> None:
    assert loop_start(said.split()) == kept


def test_words_that_the_model_itself_doubts_in_silence_are_dropped() -> None:
    assert believable(hypothesis("thank you", no_speech=0.9, mean_log_probability=-1.4)) == ()
    assert believable(hypothesis("thank you", no_speech=0.9, mean_log_probability=-0.3)) != ()


@given(st.lists(st.sampled_from(["la", "di", "da"]), max_size=60))
def test_what_is_left_of_an_utterance_holds_no_loop(said: list[str]) -> None:
    left = [word.text for word in without_loops(words(" ".join(said)))]
    assert left == said[: len(left)]
    assert loop_start(left) is None


def test_a_decoder_that_repeats_itself_or_outruns_any_speaker_has_lost_the_sound() -> None:
    assert runs_away(words("help me " * 5), 3 * SECOND)
    assert runs_away(words(" ".join(str(i) for i in range(21))), 3 * SECOND)
    assert not runs_away(words("please send an ambulance to the high street"), 3 * SECOND)
    assert not runs_away(words("no no no no"), SECOND)


def test_words_without_a_voice_are_dropped() -> None:
    loud = words("help please")
    assert texts(voiced(loud, lambda start, _end: 0.9 if start < 0 else 0.1, 0.35)) == "help"


def test_the_token_cap_grows_with_the_speech() -> None:
    assert token_cap(0) == 16
    assert token_cap(5 * SECOND) == 56


# Numbers


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("he is sixty five years old", "he is 65 years old"),
        ("one two three High Street", "123 High Street"),
        ("oh one two triple four", "oh 12444"),
        ("call five five five oh one two", "call 555012"),
        ("two hundred and ten pounds", "210 pounds"),
        ("S M I T H", "SMITH"),
        ("the name is S-M-Y-T-H.", "the name is SMYTH"),
        ("no one is here", "no one is here"),
        ("two and three", "2 and 3"),
        ("a fire", "a fire"),
    ],
)
def test_numbers_and_spelled_names_are_typed_beside_what_was_said(said: str, typed: str) -> None:
    found = normalised(words(said), "en")
    assert texts(found) == said
    forms = [word.text if word.normalised is None else word.normalised for word in found]
    assert " ".join(form for form in forms if form) == typed


def test_other_languages_are_left_as_they_are() -> None:
    assert normalised(words("one two"), "de") == tuple(words("one two"))


# Load


def tiers_over(lateness: list[float]) -> list[tuple[float, Tier]]:
    """The changes of tier while the oldest critical partial is that late, looked at every quarter of a second."""
    controller = LoadController()
    seen = ((n / 4, controller.observe(Lateness(late, 0.0), n / 4)) for n, late in enumerate(lateness))
    return [(now, tier) for now, tier in seen if tier]


def test_service_falls_step_by_step_under_pressure_and_returns_after_a_calm_stretch() -> None:
    changes = tiers_over([2.0] * 28 + [0.0] * 100)
    assert [tier for _, tier in changes] == [
        Tier.REDUCED,
        Tier.ESSENTIAL,
        Tier.FINALS,
        Tier.ESSENTIAL,
        Tier.REDUCED,
        Tier.FULL,
    ]
    assert changes[2][0] < 7 < changes[3][0]


def test_a_machine_that_stood_still_for_a_second_loses_no_service() -> None:
    assert tiers_over([0.0] * 20 + [9.0] * 5 + [0.0] * 40) == []
    controller = LoadController()
    calm, stalled = Lateness(0.0, 0.0), Lateness(30.0, 30.0)
    assert [controller.observe(late, now) for late, now in ((calm, 0.0), (calm, 0.25), (stalled, 30.25))] == [None] * 3


@pytest.mark.property
@given(st.lists(st.floats(0.0, 0.99), max_size=200))
def test_service_stays_full_while_nothing_is_later_than_is_tolerable(lateness: list[float]) -> None:
    assert tiers_over(lateness) == []


@pytest.mark.property
@given(st.lists(st.floats(0.0, 60.0), max_size=100), st.floats(1.2, 60.0))
def test_lasting_lateness_ends_in_the_last_tier_and_its_end_in_full_service(before: list[float], late: float) -> None:
    controller = LoadController()
    for n, one in enumerate([*before, *[late] * 60]):
        controller.observe(Lateness(one, 0.0), n / 4)
    assert controller.tier is Tier.FINALS
    start = len(before) + 60
    for n in range(start, start + 120):
        controller.observe(Lateness(0.0, 0.0), n / 4)
    assert controller.tier is Tier.FULL


@pytest.mark.property
@given(st.lists(st.floats(0.0, 60.0), max_size=300))
def test_tiers_change_by_one_step_with_seconds_in_between(lateness: list[float]) -> None:
    order, now_in, last = list(Tier), Tier.FULL, -10.0
    for now, tier in tiers_over(lateness):
        assert abs(order.index(tier) - order.index(now_in)) == 1
        assert now - last >= 2.0
        now_in, last = tier, now


def test_critical_streams_keep_their_cadence_in_every_tier() -> None:
    assert {cadence(tier, Importance.CRITICAL) for tier in Tier} == {cadence(Tier.FULL, Importance.CRITICAL)}


def test_the_least_important_lose_service_first() -> None:
    for tier in Tier:
        paces = [cadence(tier, importance) or 1e9 for importance in Importance]
        assert paces == sorted(paces)
    assert cadence(Tier.FINALS, Importance.ROUTINE) is None
