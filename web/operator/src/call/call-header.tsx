import * as actions from "../state/actions.ts";
import { clock, useSecondsSince } from "../state/clock.ts";
import * as handover from "../state/handover.ts";
import { useConsole, useDesk, useStore, type ShownCall } from "../state/hooks.ts";
import { view } from "../state/view.ts";
import { AnswerButton } from "../queue/ring-pop.tsx";
import { strings } from "../strings.ts";
import { Badge, ExerciseBadge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";
import { CallLanguage } from "./call-language.tsx";

export function CallHeader({ call }: { call: ShownCall }) {
  const { summary, view: log } = call;
  const phone = summary?.phone ?? log.started?.phone;
  return (
    <header className="shrink-0 border-b border-line px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-56">
          <p className="flex items-center gap-2">
            <span className="truncate text-[17px] font-semibold tracking-tight">{phone ?? strings.call.unknownNumber}</span>
            {summary && <Badge tone={summary.state === "interrupted" ? "warn" : "plain"}>{strings.callState[summary.state]}</Badge>}
            <MicrophoneOn callId={call.callId} />
            {(summary?.exercise || log.started?.exercise) && <ExerciseBadge />}
          </p>
          <p className="flex items-center gap-1 truncate text-[13px] text-soft">
            <Icon name="pin" className="size-3.5 shrink-0" />
            {summary?.location || strings.queue.noLocation}
          </p>
        </div>
        <CallLanguage call={call} />
        <RunningTime call={call} />
        <Controls call={call} />
      </div>
      <StateLine call={call} />
    </header>
  );
}

function MicrophoneOn({ callId }: { callId: string }) {
  const state = useStore(useDesk().voice.state);
  if (state.callId !== callId || state.microphone !== "on") return null;
  return (
    <span role="img" aria-label={strings.voice.on} title={strings.voice.on} className="text-good">
      <Icon name="mic" />
    </span>
  );
}

function RunningTime({ call: { view: log, summary } }: { call: ShownCall }) {
  const offset = useConsole((state) => state.clockOffset);
  const running = useSecondsSince(log.ended === null ? (summary?.answered_at ?? log.startedAt) : null, offset);
  const seconds = log.ended === null ? running : (log.endedAtS ?? 0) - (log.answeredAtS ?? 0);
  return <span className="text-xl font-semibold tabular-nums">{clock(seconds)}</span>;
}

function Controls({ call }: { call: ShownCall }) {
  const desk = useDesk();
  const { hangUpArmed } = useStore(view);
  const { summary } = call;
  if (!summary) return null;
  if (summary.state === "ringing") return <AnswerIfNotPopped callId={call.callId} />;
  const talking = actions.isTalking({ ...call, card: null });
  return (
    <div className="flex items-center gap-1.5">
      {talking && (
        <>
          <HelpSent call={call} />
          <Button shortcut="H" onClick={() => actions.hold(desk)} aria-pressed={summary.state === "on_hold"}>
            <Icon name={summary.state === "on_hold" ? "play" : "pause"} />
            {summary.state === "on_hold" ? strings.call.unhold : strings.call.hold}
          </Button>
          {!summary.colleague && !summary.transfer && (
            <Button shortcut="⇧H" onClick={() => handover.handOn(desk)} data-testid="hand-on">
              <Icon name="link" />
              {strings.handover.open}
            </Button>
          )}
          <Button look="strong" shortcut="X" onClick={() => actions.hangUp(desk)} data-testid="hang-up">
            <Icon name="hangUp" />
            {hangUpArmed ? strings.call.hangUpAgain : strings.call.hangUp}
          </Button>
        </>
      )}
      <Supervise call={call} />
      {summary.state === "ended" && summary.call_back_possible && (
        <Button shortcut="B" onClick={() => actions.callBack(desk)}>
          <Icon name="callBack" />
          {strings.call.callBack}
        </Button>
      )}
      {actions.canClose({ summary }) && (
        <Button
          look={summary.state === "ended" ? "solid" : "plain"}
          shortcut="C"
          onClick={() => actions.openDispose(desk)}
          data-testid="dispose-open"
        >
          <Icon name="flag" />
          {strings.call.dispose}
        </Button>
      )}
    </div>
  );
}

/** What a supervisor may do on somebody else's call. */
function Supervise({ call: { summary } }: { call: ShownCall }) {
  const desk = useDesk();
  const seatId = useConsole((state) => state.seat?.seat_id ?? null);
  if (!summary || !handover.canListen(desk, summary)) return null;
  const listening = summary.monitors.some((who) => who.seat_id === seatId);
  return (
    <>
      <Button shortcut="⇧L" aria-pressed={listening} onClick={() => handover.listen(desk)} data-testid="listen">
        <Icon name={listening ? "mute" : "sound"} />
        {listening ? strings.handover.stopListening : strings.handover.listen}
      </Button>
      {!summary.colleague && (
        <Button shortcut="⇧J" onClick={() => handover.join(desk)} data-testid="join">
          <Icon name="mic" />
          {strings.handover.join}
        </Button>
      )}
    </>
  );
}

/** Somebody is on the way: said once, for the clock and for the log. */
function HelpSent({ call: { view: log } }: { call: ShownCall }) {
  const desk = useDesk();
  const timer = log.card?.timers.find((candidate) => candidate.code === "dispatched");
  if (!timer) return null;
  if (timer.reached_s !== null) return <Badge tone="good">{strings.call.helpSentAt(clock(timer.reached_s))}</Badge>;
  return (
    <Button shortcut="S" onClick={() => actions.helpSent(desk)} data-testid="help-sent">
      {strings.call.helpSent}
    </Button>
  );
}

/** A ringing call that is read before it is answered; the one that pops has its button there. */
function AnswerIfNotPopped({ callId }: { callId: string }) {
  const popped = useConsole((state) => state.rings.has(callId));
  return popped ? null : <AnswerButton callId={callId} />;
}

/** One sentence about what is unusual, if anything is. */
function StateLine({ call: { summary, view: log, mine, callId } }: { call: ShownCall }) {
  const { voice } = useDesk();
  const voiceState = useStore(voice.state);
  const mySeat = useConsole((state) => state.seat?.seat_id ?? null);
  const lines: { text: string; warn: boolean }[] = [];
  if (summary?.state === "interrupted") lines.push({ text: strings.call.interrupted, warn: true });
  if (summary?.state === "on_hold" && mine) lines.push({ text: strings.call.onHold, warn: false });
  if (log.ended) lines.push({ text: `${strings.call.ended(log.ended)} ${log.disposition ? "" : strings.call.toClose}`, warn: false });
  const others = summary && !mine && summary.colleague?.seat_id !== mySeat && summary.answered_by && !log.ended;
  if (others) lines.push({ text: strings.call.watching(summary.answered_by ?? ""), warn: false });
  const { microphone } = voiceState;
  const silent = voiceState.callId === callId && microphone !== "on" && microphone !== "off";
  if (silent) {
    const asking = microphone === "asking";
    lines.push({ text: asking ? strings.voice.asking : strings.voice.refused(microphone), warn: !asking });
  }
  if (lines.length === 0) return null;
  return (
    <div role="status" className="mt-1.5 text-[13px]">
      {lines.map(({ text, warn }) => (
        <p key={text} className={warn ? "flex items-center gap-1.5 text-warn" : "text-soft"}>
          {warn && <Icon name="warning" />}
          {text}
        </p>
      ))}
    </div>
  );
}
