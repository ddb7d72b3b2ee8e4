/** The incident of the shown call, watched. */
import type { IncidentView } from "@kiwimesh/sdk";
import { useMemo } from "react";

import { useConsole, useDesk, useStore } from "../state/hooks.ts";

export interface ShownIncident {
  readonly callId: string;
  readonly incidentId: string;
  /** Null until the board tells of it. */
  readonly incident: IncidentView | null;
  readonly exercise: boolean;
  /** Somebody has answered the call, and nobody has closed it. */
  readonly sendable: boolean;
}

export function useShownIncident(): ShownIncident | null {
  const callId = useStore(useDesk().shown);
  const summary = useConsole((state) => (callId !== null && state.queue.get(callId)) || null);
  const incidentId = summary?.incident_id ?? null;
  const incident = useConsole((state) => (incidentId !== null && state.board.incidents.get(incidentId)) || null);
  const exercise = summary?.exercise ?? false;
  const sendable = summary !== null && summary.state !== "ringing" && summary.state !== "closed";
  return useMemo(
    () => (callId === null || incidentId === null ? null : { callId, incidentId, incident, exercise, sendable }),
    [callId, incidentId, incident, exercise, sendable],
  );
}
