"""The gate's work without a window: plain lists, a runner that a test drives, a clock that stands still."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from app.services.facade import DeviceStatus
from domain.actor import Actor
from domain.admission import (
    Confidence,
    ConfidenceMode,
    Direction,
    Severity,
    Verdict,
)
from domain.errors import DeviceFault, Fault, Refusal
from domain.ids import short_reference
from domain.validity import ValidityKind
from tests.builders import NOW, SERIAL, make_facts, make_pass, make_product
from tests.ui.gate_kit import (
    GATE_ACTOR,
    PARAMS,
    SUPERVISOR,
    FakeDevices,
    Kit,
    decision,
    first_use,
    ticket,
)
from ui.gate.model import (
    Hit,
    Locale,
    Numbers,
    ScanLineModel,
    SetupModel,
    Trouble,
    VerdictModel,
    verdict_model,
)
from ui.gate.presenter import REFRESH_MS, SLOW_MS, GatePresenter
from ui.running import InlineRunner, ManualRunner, Runner


@dataclass
class PlainView:
    """A window made of lists."""

    said: list[str] = field(default_factory=list)
    verdicts: list[VerdictModel] = field(default_factory=list)
    troubles: Sequence[Trouble] = ()
    rows: Sequence[ScanLineModel] = ()
    numbers: Numbers | None = None
    statuses: Sequence[DeviceStatus] = ()
    setup: SetupModel | None = None
    hits: Sequence[Hit] = ()
    refusals: list[tuple[str, str]] = field(default_factory=list)

    def show_listening(self) -> None:
        self.said.append("listening")

    def show_deciding(self) -> None:
        self.said.append("deciding")

    def show_verdict(self, model: VerdictModel) -> None:
        self.said.append(model.word)
        self.verdicts.append(model)

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        self.troubles = troubles

    def show_scans(self, rows: Sequence[ScanLineModel]) -> None:
        self.rows = rows

    def show_numbers(self, numbers: Numbers) -> None:
        self.numbers = numbers

    def show_devices(self, statuses: Sequence[DeviceStatus]) -> None:
        self.statuses = statuses

    def show_setup(self, setup: SetupModel) -> None:
        self.setup = setup

    def show_hits(self, hits: Sequence[Hit]) -> None:
        self.hits = hits

    def refuse_entry(self, title: str, advice: str) -> None:
        self.refusals.append((title, advice))

    def refuse_setup(self, name: str, words: str) -> None:
        self.refusals.append((name, words))


def nothing(_thing: object) -> None:
    return


def open_gate(
    kit: Kit, runner: Runner | None = None, actor: Actor = SUPERVISOR, lang: str = "en"
) -> tuple[GatePresenter, PlainView]:
    presenter = GatePresenter(
        kit.services(), runner or InlineRunner(), lambda: actor, lambda: lang, kit.sounds.append
    )
    view = PlainView()
    presenter.attach(view)
    presenter.enter(nothing, nothing, nothing)
    if isinstance(runner, ManualRunner):
        runner.run_all()
    return presenter, view


def kit_with(**answers: Any) -> Kit:
    kit = Kit()
    kit.keeper.answers.update(answers)
    return kit


def test_a_valid_ticket_is_let_in_with_its_sound_and_stands_first_in_the_list() -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    gate, view = open_gate(kit)
    gate.scan("ok", "serial")
    shown = view.verdicts[-1]
    assert (shown.verdict, shown.meaning, shown.product) == ("ADMIT", "admit", "Full price")
    assert kit.sounds == ["admit"]
    assert (view.rows[0].word, view.rows[0].undoable) == (shown.word, True)
    assert [scan.via for _, scan in kit.keeper.asked] == ["serial"]


@pytest.mark.parametrize("source", ["camera", "serial", "wedge", "typed"])
def test_every_source_comes_to_the_same_gate(source: Any) -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    gate, view = open_gate(kit)
    gate.scan("ok", source)
    assert view.verdicts[-1].verdict == "ADMIT"
    assert kit.keeper.asked[0][1].via == ("manual" if source == "typed" else source)


def test_scans_are_decided_one_at_a_time_and_nobody_walks_through_on_anothers_green() -> None:
    kit = kit_with(one=decision(Verdict.ADMIT), two=decision(Verdict.ALREADY_USED))
    runner = ManualRunner()
    gate, view = open_gate(kit, runner)
    gate.scan("one", "serial")
    gate.scan("two", "wedge")
    assert runner.waiting() == ["store"]
    runner.run_all()
    assert [model.verdict for model in view.verdicts] == ["ADMIT"]
    kit.clock.advance(0.3)
    gate.tick_now()
    runner.run_all()
    assert [model.verdict for model in view.verdicts] == ["ADMIT"]
    kit.clock.advance(0.3)
    gate.tick_now()
    runner.run_all()
    assert [model.verdict for model in view.verdicts] == ["ADMIT", "ALREADY_USED"]


def test_the_next_scan_waits_until_the_turnstile_has_moved() -> None:
    kit = kit_with(one=decision(Verdict.ADMIT), two=decision(Verdict.ADMIT))
    kit.devices.has_turnstile()
    runner = ManualRunner()
    gate, _ = open_gate(kit, runner)
    gate.scan("one", "serial")
    gate.scan("two", "serial")
    runner.run_next()
    kit.clock.advance(5)
    gate.tick_now()
    assert runner.waiting() == ["turnstile"]
    runner.run_next()
    assert "store" in runner.waiting()
    assert len(kit.opened) == 1


def test_a_turnstile_that_fails_is_a_line_of_words_and_the_verdict_stays_green() -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    kit.devices.has_turnstile()
    kit.turnstile_fault = DeviceFault("TURNSTILE_LOST", device="turnstile")
    gate, view = open_gate(kit)
    gate.scan("ok", "serial")
    assert view.verdicts[-1].meaning == "admit"
    assert [trouble.key for trouble in view.troubles] == ["turnstile"]
    assert kit.sounds == ["admit"]
    kit.turnstile_fault = None
    kit.clock.advance(5)
    gate.scan("ok", "serial")
    assert list(view.troubles) == []


def test_a_refused_scan_never_opens_the_turnstile_and_says_what_to_do() -> None:
    kit = kit_with(used=decision(Verdict.ALREADY_USED))
    kit.devices.has_turnstile()
    gate, view = open_gate(kit)
    gate.scan("used", "serial")
    assert kit.opened == []
    shown = view.verdicts[-1]
    assert shown.meaning == "refuse"
    assert shown.advice
    assert "Otto" in shown.reason
    assert shown.product == "Full price"


def test_a_code_that_stays_before_the_camera_keeps_its_green_and_is_asked_quietly() -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    gate, view = open_gate(kit)
    gate.scan("ok", "camera")
    kit.keeper.answers["ok"] = decision(Verdict.REPEAT)
    for _ in range(120):
        kit.clock.advance(0.033)
        gate.scan("ok", "camera")
        gate.tick_now()
    assert [model.verdict for model in view.verdicts] == ["ADMIT"]
    assert kit.sounds == ["admit"]
    assert 3 <= len(kit.keeper.asked) - 1 <= 4


def test_the_verdict_stays_while_the_code_is_in_view_and_fades_after_it_left() -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    gate, view = open_gate(kit)
    gate.scan("ok", "camera")
    kit.keeper.answers["ok"] = decision(Verdict.REPEAT)
    for _ in range(40):
        kit.clock.advance(0.5)
        gate.scan("ok", "camera")
        gate.tick_now()
    assert view.said[-1] != "listening"
    kit.clock.advance(8)
    gate.tick_now()
    assert view.said[-1] == "listening"


def test_the_same_code_scanned_again_by_hand_says_that_it_was_let_in() -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    gate, view = open_gate(kit)
    gate.scan("ok", "serial")
    kit.keeper.answers["ok"] = decision(Verdict.REPEAT)
    kit.clock.advance(2)
    gate.scan("ok", "serial")
    shown = view.verdicts[-1]
    assert (shown.verdict, shown.meaning) == ("REPEAT", "info")
    assert "2" in shown.reason


def test_a_refusal_repeated_says_again_what_was_refused() -> None:
    params = {**PARAMS[Verdict.ALREADY_USED], "verdict": "ALREADY_USED", "opened": False, "seconds": 2}
    kit = kit_with(used=decision(Verdict.REPEAT, params=params, severity=Severity.REFUSE))
    gate, view = open_gate(kit)
    gate.scan("used", "serial")
    assert view.verdicts[-1].word == "Already used"
    assert view.verdicts[-1].meaning == "refuse"


def test_a_verdict_fades_to_listening_after_the_seconds_of_the_setting() -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    kit.settings.values["gate.verdict_seconds"] = "3"
    gate, view = open_gate(kit)
    gate.scan("ok", "serial")
    kit.clock.advance(2.9)
    gate.tick_now()
    assert view.said[-1] == "Come in"
    kit.clock.advance(0.1)
    gate.tick_now()
    assert view.said[-1] == "listening"


def test_while_a_decision_takes_long_the_old_green_is_taken_away() -> None:
    kit = kit_with(one=decision(Verdict.ADMIT), two=decision(Verdict.ADMIT))
    runner = ManualRunner()
    gate, view = open_gate(kit, runner)
    gate.scan("one", "serial")
    runner.run_all()
    kit.clock.advance(1)
    gate.scan("two", "serial")
    assert view.said[-1] == "Come in"
    kit.clock.advance(SLOW_MS / 1000)
    gate.tick_now()
    assert view.said[-1] == "deciding"


@pytest.mark.parametrize(
    ("error", "meaning"),
    [(Fault("DISK_FULL"), "attention"), (Refusal("NOT_ALLOWED", permission="admit"), "refuse")],
)
def test_a_scan_that_cannot_be_decided_does_not_leave_the_last_green_standing(
    error: Exception, meaning: str
) -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT), bad=error)
    gate, view = open_gate(kit)
    gate.scan("ok", "serial")
    kit.clock.advance(1)
    gate.scan("bad", "serial")
    assert (view.verdicts[-1].meaning, view.verdicts[-1].verdict) == (meaning, "")
    assert kit.sounds[-1] == meaning
    kit.clock.advance(1)
    gate.scan("ok", "serial")
    assert view.verdicts[-1].verdict == "ADMIT"


def test_check_only_asks_without_admitting_and_opens_nothing() -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    kit.devices.has_turnstile()
    gate, view = open_gate(kit)
    gate.set_checking(True)
    gate.scan("ok", "serial")
    assert [how for how, _ in kit.keeper.asked] == ["check"]
    assert kit.opened == []
    assert view.verdicts[-1].checked


def test_at_an_exit_scans_are_asked_as_exits() -> None:
    kit = kit_with(out=decision(Verdict.EXIT, severity=Severity.INFO))
    gate, view = open_gate(kit)
    gate.set_direction(Direction.EXIT)
    gate.scan("out", "serial")
    assert kit.keeper.asked[0][1].direction is Direction.EXIT
    assert view.verdicts[-1].meaning == "info"


class TestTyping:
    """Manual entry."""

    def test_a_reference_of_one_ticket_is_let_in_at_once(self) -> None:
        kit = kit_with(**{SERIAL: decision(Verdict.ADMIT)})
        kit.keeper.tickets = [ticket()]
        gate, view = open_gate(kit)
        gate.enter_text(short_reference(SERIAL).lower())
        assert view.verdicts[-1].verdict == "ADMIT"
        assert (kit.keeper.asked[0][1].serial, kit.keeper.asked[0][1].via) == (SERIAL, "manual")

    def test_several_tickets_of_one_reference_are_offered_to_choose_from(self) -> None:
        other = "ffeeddccbbaa9988"
        kit = kit_with(**{other: decision(Verdict.ADMIT)})
        shared = short_reference(SERIAL)
        kit.keeper.tickets = [ticket(), ticket(other, shared, product=make_product(name="Child"))]
        gate, view = open_gate(kit)
        gate.enter_text(shared)
        assert [hit.product for hit in view.hits] == ["Full price", "Child"]
        assert kit.keeper.asked == []
        gate.choose(view.hits[1].serial, shared)
        assert kit.keeper.asked[0][1].serial == other

    def test_a_reference_that_nobody_has_is_refused_beside_the_field(self) -> None:
        gate, view = open_gate(Kit())
        gate.enter_text(short_reference(SERIAL))
        assert view.refusals[0][0] == "No such ticket"
        assert view.verdicts == []

    def test_anything_else_is_taken_as_a_code(self) -> None:
        gate, view = open_gate(Kit())
        gate.enter_text("hello")
        assert view.verdicts[-1].verdict == "UNREADABLE"

    def test_nothing_typed_is_nothing_asked(self) -> None:
        kit = Kit()
        gate, _ = open_gate(kit)
        gate.enter_text("   ")
        assert kit.keeper.asked == []


class TestUndo:
    """Taking an admission back."""

    def test_the_last_admission_is_taken_back_with_its_reason(self) -> None:
        kit = kit_with(ok=decision(Verdict.ADMIT), used=decision(Verdict.ALREADY_USED))
        gate, view = open_gate(kit)
        gate.scan("ok", "serial")
        kit.clock.advance(1)
        gate.scan("used", "serial")
        row = gate.last_admission()
        assert row is not None
        assert row.word == "Come in"
        gate.undo(row, "mistake")
        assert kit.keeper.undone == [(SERIAL, "mistake")]
        assert [line.undone for line in view.rows if line.word == "Come in"] == [True]
        assert view.said[-1] == "listening"
        assert gate.last_admission() is None

    def test_what_was_undone_and_still_lies_before_the_camera_is_not_let_in_again(self) -> None:
        kit = kit_with(ok=decision(Verdict.ADMIT))
        gate, _ = open_gate(kit)
        gate.scan("ok", "camera")
        row = gate.last_admission()
        assert row is not None
        gate.undo(row, "mistake")
        for _ in range(100):
            kit.clock.advance(0.1)
            gate.scan("ok", "camera")
        assert len(kit.keeper.asked) == 1

    def test_a_refused_undo_is_said_on_the_status_line(self) -> None:
        kit = kit_with(ok=decision(Verdict.ADMIT))
        kit.keeper.refuse_undo = Refusal("NOT_ALLOWED", permission="undo_any")
        gate, view = open_gate(kit)
        gate.scan("ok", "serial")
        row = gate.last_admission()
        assert row is not None
        gate.undo(row, "mistake")
        assert [trouble.title for trouble in view.troubles] == ["Not allowed"]

    def test_somebody_let_in_on_trust_can_be_taken_back_too(self) -> None:
        facts = make_facts()
        flagged = decision(Verdict.UNKNOWN, opens=True, severity=Severity.ATTENTION, facts=facts)
        gate, view = open_gate(kit_with(trust=flagged))
        gate.scan("trust", "serial")
        assert (view.rows[0].meaning, view.rows[0].undoable) == ("attention", True)


def test_scans_and_numbers_are_read_again_every_few_seconds() -> None:
    kit = Kit()
    runner = ManualRunner()
    gate, view = open_gate(kit, runner)
    assert view.numbers is not None
    assert view.numbers.here.inside == 176
    gate.tick_now()
    assert runner.waiting() == []
    kit.clock.advance(REFRESH_MS / 1000)
    gate.tick_now()
    assert runner.waiting() == ["look"]


def test_a_lost_camera_is_said_with_advice_until_it_is_back() -> None:
    gate, view = open_gate(Kit())
    assert gate.hears("camera")
    gate.device_changed(DeviceStatus("camera", "lost", "CAMERA_LOST"))
    assert not gate.hears("camera")
    assert view.troubles[0].text
    gate.device_changed(DeviceStatus("camera", "listening"))
    assert list(view.troubles) == []


def test_devices_that_cannot_be_opened_are_a_line_of_words() -> None:
    class Broken(FakeDevices):
        def start(self, scanned: Any, framed: Any, changed: Any) -> None:
            raise DeviceFault("DEVICE_SETTING", device="turnstile", field="turnstile.open", value="xyz")

    kit = Kit(devices=Broken())
    _, view = open_gate(kit)
    assert [trouble.key for trouble in view.troubles] == ["devices"]


def test_leaving_the_page_closes_the_devices_and_forgets_who_waited() -> None:
    kit = kit_with(one=decision(Verdict.ADMIT), two=decision(Verdict.ADMIT))
    gate, _ = open_gate(kit)
    gate.scan("one", "serial")
    gate.scan("two", "serial")
    gate.leave()
    kit.clock.advance(5)
    gate.tick_now()
    assert not kit.devices.running
    assert len(kit.keeper.asked) == 1


def test_the_setup_offers_gates_and_performances_and_marks_what_is_given_from_outside() -> None:
    kit = Kit()
    kit.settings.sources["gate.code"] = "environment"
    _, view = open_gate(kit)
    assert view.setup is not None
    assert [choice.key for choice in view.setup.gates] == ["A", "B"]
    assert [choice.key for choice in view.setup.performances] == ["HAMLET-1", "HAMLET-2"]
    assert view.setup.pinned == {"gate.code"}


def test_a_chosen_performance_is_kept_and_read_again() -> None:
    kit = Kit()
    gate, view = open_gate(kit)
    gate.set_up("gate.performance", "HAMLET-2")
    assert kit.settings.stored == [("gate.performance", "HAMLET-2")]
    assert view.setup is not None
    assert view.setup.performance == "HAMLET-2"
    assert "Hamlet" in view.setup.performance_name


def test_a_page_made_anew_shows_what_stood_there() -> None:
    kit = kit_with(ok=decision(Verdict.ADMIT))
    gate, _ = open_gate(kit)
    gate.scan("ok", "serial")
    fresh = PlainView()
    gate.attach(fresh)
    assert fresh.said == ["Come in"]
    assert len(fresh.rows) == 1
    assert fresh.setup is not None


def test_a_gate_worker_may_admit_but_not_search() -> None:
    gate, _ = open_gate(Kit(), actor=GATE_ACTOR)
    assert [gate.may(p) for p in (gate_permission("admit"), gate_permission("search"))] == [True, False]


def gate_permission(name: str) -> Any:
    from domain.actor import Permission

    return Permission(name)


class TestVerdicts:
    """Every answer of the domain in words, in both languages."""

    @pytest.mark.parametrize("lang", ["en", "ru"])
    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_every_verdict_has_a_word_and_its_meaning(self, verdict: Verdict, lang: str) -> None:
        kit = kit_with(code=decision(verdict))
        gate, view = open_gate(kit, lang=lang)
        gate.scan("code", "serial")
        shown = view.verdicts[-1]
        assert shown.word
        assert shown.meaning in {"admit", "refuse", "attention", "info"}
        assert "…" not in shown.word + shown.reason + shown.advice
        assert "Z" not in shown.reason.replace("Zone", "")
        if shown.meaning == "refuse":
            assert shown.advice
        assert kit.sounds == [shown.meaning]

    def answer(self, **changes: Any) -> VerdictModel:
        kit = kit_with(code=decision(Verdict.ADMIT, **changes))
        gate, view = open_gate(kit)
        gate.scan("code", "serial")
        return view.verdicts[-1]

    def test_a_concession_to_check_is_said(self) -> None:
        assert self.answer(concession="student card").concession == "student card"

    def test_a_concession_is_said_in_the_language_of_the_reader(self) -> None:
        kit = Kit()
        found = decision(Verdict.ADMIT, concession="student card", concession_ru="студенческий билет")
        kit.keeper.answers["x"] = found
        answer = kit.keeper.check(_scan("x"), SUPERVISOR)
        model = verdict_model(answer, Locale("ru", "Europe/Berlin"), NOW)
        assert (model.concession, model.product) == ("студенческий билет", "Полный")

    def test_a_pass_says_what_is_left_and_when_it_was_first_used(self) -> None:
        facts = make_facts(product=make_pass(ValidityKind.MONTH))
        until = NOW + timedelta(days=20)
        shown = self.answer(facts=facts, first=first_use(), entries_left=11, valid_until_at=until)
        assert (shown.entries_left, shown.first_gate) == (11, "B")
        assert shown.first_used == "today, 19:12"
        assert shown.valid_until.startswith("Fri 11")

    def test_a_single_ticket_says_nothing_of_entries_left(self) -> None:
        assert self.answer(entries_left=0).entries_left is None

    def test_an_offline_answer_says_since_when(self) -> None:
        offline = Confidence(ConfidenceMode.OFFLINE, NOW - timedelta(hours=3))
        shown = self.answer(confidence=offline)
        assert (shown.confidence, shown.since) == ("offline", "16:45")

    def test_a_ticket_for_a_family_says_how_many_it_admits(self) -> None:
        assert self.answer(facts=make_facts(admits=4)).people == 4


def _scan(text: str) -> Any:
    from app.services.gate import ScanInput

    return ScanInput(text)
