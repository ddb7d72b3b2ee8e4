/** Handing a call over, and listening to one, with one key each. Each does nothing where it makes no sense. */
import { monitoredByMe, offeredToMe, type CallSummary, type Colleague } from "@kiwimesh/sdk";

import { isTalking, shownNow } from "./actions.ts";
import type { Desk } from "./desk.ts";
import { change } from "./view.ts";

/** Offers the shown call to a colleague; takes the offer back; leaves the call once they talk on it. */
export function handOn(desk: Desk): void {
  const shown = shownNow(desk);
  const { summary } = shown ?? {};
  const seatId = desk.console.get().seat?.seat_id;
  if (!shown || !summary) return;
  const call = { call_id: shown.callId };
  if (summary.colleague && (isTalking(shown) || summary.colleague.seat_id === seatId)) void desk.act("call.depart", call);
  else if (!isTalking(shown)) return;
  else if (summary.transfer) void desk.act("call.transfer_withdraw", call);
  else {
    void desk.act("seats.ask", {});
    change({ window: "transfer" });
  }
}

export function offer(desk: Desk, colleague: Colleague): void {
  const shown = shownNow(desk);
  change({ window: null });
  if (isTalking(shown)) void desk.act("call.transfer", { call_id: shown.callId, seat_id: colleague.seat.seat_id });
}

export function canTake({ seat, connected }: Colleague): boolean {
  return connected && seat.state !== "on_call";
}

export function answerOffer(desk: Desk, call: CallSummary, accept: boolean): void {
  if (accept) desk.show(call.call_id);
  void desk.act("call.transfer_answer", { call_id: call.call_id, accept });
}

/** A supervisor hears the shown call, or stops to. */
export function listen(desk: Desk): void {
  const shown = shownNow(desk);
  const summary = shown?.summary;
  if (!shown || !summary) return;
  const heard = monitoredByMe(desk.console.get());
  const name = heard?.call_id === shown.callId ? "call.depart" : "call.monitor";
  if (name === "call.depart" || canListen(desk, summary)) void desk.act(name, { call_id: shown.callId });
}

/** A supervisor talks on the shown call. */
export function join(desk: Desk): void {
  const shown = shownNow(desk);
  if (shown?.summary && canListen(desk, shown.summary) && !shown.summary.colleague) void desk.act("call.join", { call_id: shown.callId });
}

export function canListen(desk: Desk, call: CallSummary): boolean {
  const seatId = desk.console.get().seat?.seat_id;
  return desk.supervisor && (call.state === "answered" || call.state === "on_hold") && call.seat_id !== seatId;
}

/** The call that was offered to this seat, for the key that answers. */
export function acceptOffered(desk: Desk): boolean {
  const call = offeredToMe(desk.console.get());
  if (call) answerOffer(desk, call, true);
  return call !== null;
}
