/** Everything that a console knows, folded from its deliveries. Pure; a snapshot replaces all but the logs of open calls. */
import {
  applyAlarm,
  applyBoard,
  applyIncident,
  applyKnown,
  applyPlaces,
  applyUnit,
  clearedBoard,
  EMPTY_BOARD,
  withoutCall,
  type BoardState,
} from "./board.ts";
import { EMPTY_CALL, foldCall, type CallView, type Unsettled } from "./call.ts";
import { inOrder } from "./queue.ts";
import type { CallSummary, Colleague, Delivery, EscalationStep, Seat, Snapshot, SystemState } from "./contract.ts";

export type DeliveryBody = Delivery["body"];

export interface OpenedCall {
  readonly view: CallView;
  readonly unsettled: Unsettled;
  /** The log has been read to its newest line at least once. */
  readonly loaded: boolean;
}

export interface Ringing {
  readonly step: EscalationStep;
}

export interface ConsoleState {
  /** False until the first snapshot. */
  readonly ready: boolean;
  readonly centreName: string;
  readonly seat: Seat | null;
  readonly queue: ReadonlyMap<string, CallSummary>;
  readonly rings: ReadonlyMap<string, Ringing>;
  readonly system: SystemState | null;
  /** Server clock minus this computer's, milliseconds. */
  readonly clockOffset: number;
  readonly calls: ReadonlyMap<string, OpenedCall>;
  readonly board: BoardState;
  /** Who sits where, as it was when this console last asked; null before. */
  readonly colleagues: readonly Colleague[] | null;
}

export const EMPTY_CONSOLE: ConsoleState = {
  ready: false,
  centreName: "",
  seat: null,
  queue: new Map(),
  rings: new Map(),
  system: null,
  clockOffset: 0,
  calls: new Map(),
  board: EMPTY_BOARD,
  colleagues: null,
};

export const UNOPENED: OpenedCall = { view: EMPTY_CALL, unsettled: {}, loaded: false };

/** `now` is this computer's clock, milliseconds. */
export function applyDelivery(state: ConsoleState, body: DeliveryBody, now: number): ConsoleState {
  switch (body.kind) {
    case "snapshot":
      return fromSnapshot(state, body, now);
    case "queue":
      return withSummary(state, body.call);
    case "seat":
      return { ...state, seat: body.seat };
    case "ring":
      return { ...withSummary(state, body.call), rings: changed(state.rings, body.call.call_id, { step: body.step }) };
    case "ring_stopped":
      return { ...state, rings: changed(state.rings, body.call_id, null) };
    case "entries":
      return withCall(state, body.call_id, (call) => ({
        view: foldCall(body.entries, call.view),
        unsettled: call.unsettled,
        loaded: call.loaded || body.complete,
      }));
    case "partial":
      return withCall(state, body.call_id, (call) => ({
        ...call,
        unsettled: { ...call.unsettled, [body.partial.channel]: body.partial },
      }));
    case "system":
      return { ...state, system: body.system };
    case "board":
      return { ...state, board: applyBoard(state.board, body) };
    case "unit":
      return { ...state, board: applyUnit(state.board, body.unit) };
    case "incident":
      return { ...state, board: applyIncident(state.board, body.incident) };
    case "known":
      return { ...state, board: applyKnown(state.board, body) };
    case "places":
      return { ...state, board: applyPlaces(state.board, body) };
    case "alarm":
      return { ...state, board: applyAlarm(state.board, body) };
    case "colleagues":
      return { ...state, colleagues: body.seats };
    case "reauth":
      return state;
  }
}

/** The calls that ring here, the most urgent first. */
export function ringingNow({ queue, rings }: Pick<ConsoleState, "queue" | "rings">): CallSummary[] {
  return inOrder([...rings.keys()].flatMap((callId) => queue.get(callId) ?? []));
}

/** The call that a colleague wants this seat to take over, if any. */
export function offeredToMe({ queue, seat }: Pick<ConsoleState, "queue" | "seat">): CallSummary | null {
  if (seat === null) return null;
  return [...queue.values()].find((call) => call.transfer?.to.seat_id === seat.seat_id) ?? null;
}

/** The call that this seat listens to without being heard. */
export function monitoredByMe({ queue, seat }: Pick<ConsoleState, "queue" | "seat">): CallSummary | null {
  if (seat === null) return null;
  return [...queue.values()].find((call) => call.monitors.some((who) => who.seat_id === seat.seat_id)) ?? null;
}

/** No longer shown: the log is forgotten and read anew when it is opened again. */
export function forgetCall(state: ConsoleState, callId: string): ConsoleState {
  return { ...state, calls: changed(state.calls, callId, null) };
}

/** Makes room for a call that is being opened. */
export function expectCall(state: ConsoleState, callId: string): ConsoleState {
  return state.calls.has(callId) ? state : { ...state, calls: changed(state.calls, callId, UNOPENED) };
}

function fromSnapshot(state: ConsoleState, snapshot: Snapshot, now: number): ConsoleState {
  const queue = new Map(snapshot.queue.filter((call) => call.state !== "closed").map((call) => [call.call_id, call]));
  const ringing = snapshot.queue.filter((call) => call.state === "ringing" && snapshot.seat.state === "ready");
  return {
    ready: true,
    centreName: snapshot.centre_name,
    seat: snapshot.seat,
    queue,
    rings: new Map(ringing.map((call) => [call.call_id, { step: call.escalation ?? "ready_seats" }])),
    system: snapshot.system,
    clockOffset: Date.parse(snapshot.server_time) - now,
    calls: new Map([...state.calls].map(([id, call]) => [id, { ...call, unsettled: {} }])),
    board: clearedBoard(state.board, new Set([...state.calls.keys(), ...queue.keys()])),
    colleagues: null,
  };
}

function withSummary(state: ConsoleState, call: CallSummary): ConsoleState {
  const queue = changed(state.queue, call.call_id, call.state === "closed" ? null : call);
  const rings = call.state === "ringing" ? state.rings : changed(state.rings, call.call_id, null);
  return { ...state, queue, rings, board: call.state === "closed" ? withoutCall(state.board, call.call_id) : state.board };
}

function withCall(state: ConsoleState, callId: string, change: (call: OpenedCall) => OpenedCall): ConsoleState {
  const call = state.calls.get(callId);
  return call ? { ...state, calls: changed(state.calls, callId, change(call)) } : state;
}

function changed<T>(map: ReadonlyMap<string, T>, key: string, value: T | null): ReadonlyMap<string, T> {
  if (value === null && !map.has(key)) return map;
  const next = new Map(map);
  if (value === null) next.delete(key);
  else next.set(key, value);
  return next;
}
