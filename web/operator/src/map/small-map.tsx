import { pointOf, type IncidentView, type Point, type UnitView } from "@kiwimesh/sdk";
import { lazy, Suspense, useEffect, useMemo, type ReactNode } from "react";

import { useConsole, useStore } from "../state/hooks.ts";
import { strings } from "../strings.ts";
import { categoryColour } from "../ui/category.tsx";
import { useShownIncident } from "../units/shown-incident.ts";
import { UnitShape } from "../units/unit-mark.tsx";
import { frameOf, labelShifts, type Frame } from "./projection.ts";
import { findStreets, showStreets, streets } from "./streets.ts";

const StreetMap = lazy(() => import("./street-map.tsx"));

const WIDTH = 720;
const HEIGHT = 440;
/** From the middle of a mark to its label. */
const BESIDE = 19;

type Placed<T> = T & { readonly at: Point };

/** Units and open incidents by their coordinates, over streets where the server has them. The list of units says the same in words. */
export function SmallMap() {
  const units = useConsole((state) => state.board.units);
  const incidents = useConsole((state) => state.board.incidents);
  const { style, shown } = useStore(streets);
  useEffect(() => void findStreets(), []);
  const driving = useMemo(() => placed([...units.values()].filter((unit) => unit.on_duty)), [units]);
  const open = useMemo(() => placed([...incidents.values()]), [incidents]);
  const points = useMemo(() => [...driving, ...open].map(({ at }) => at), [driving, open]);
  if (points.length === 0) {
    return (
      <div className="m-auto max-w-xs p-8 text-center">
        <p className="font-medium">{strings.map.empty}</p>
        <p className="mt-1 text-[13px] text-soft">{strings.map.emptyAbout}</p>
      </div>
    );
  }
  const plain = <Plain points={points} open={open} driving={driving} />;
  return (
    <figure className="flex min-h-0 flex-1 flex-col">
      <div className="relative flex min-h-0 flex-1">
        {style && shown ? (
          <Suspense fallback={plain}>
            <StreetMap style={style} points={points}>
              {(sight) => <Marks {...sight} open={open} driving={driving} className="pointer-events-none absolute inset-0 size-full" />}
            </StreetMap>
          </Suspense>
        ) : (
          plain
        )}
      </div>
      <figcaption className="flex shrink-0 items-center gap-3 px-4 py-1 text-xs text-soft">
        <span className="flex-1">{style && shown ? strings.map.aboutStreets : strings.map.about}</span>
        {style && (
          <label className="flex items-center gap-1.5">
            <input type="checkbox" checked={shown} onChange={(event) => showStreets(event.currentTarget.checked)} />
            {strings.map.streets}
          </label>
        )}
      </figcaption>
    </figure>
  );
}

interface Shown {
  readonly open: readonly Placed<IncidentView>[];
  readonly driving: readonly Placed<UnitView>[];
}

function Plain({ points, ...shown }: Shown & { points: readonly Point[] }) {
  const frame = useMemo(() => frameOf(points, WIDTH, HEIGHT), [points]);
  return (
    frame && (
      <Marks frame={frame} width={WIDTH} height={HEIGHT} {...shown} className="min-h-0 w-full flex-1 bg-page">
        <Grid frame={frame} />
      </Marks>
    )
  );
}

interface MarksProps extends Shown {
  readonly frame: Frame;
  readonly width: number;
  readonly height: number;
  readonly className: string;
  readonly children?: ReactNode;
}

function Marks({ frame, width, height, open, driving, className, children }: MarksProps) {
  const shown = useShownIncident()?.incidentId ?? null;
  const shifts = useMemo(() => shiftsOf(frame, open, driving), [frame, open, driving]);
  return (
    <svg data-testid="map" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={strings.map.label(driving.length, open.length)} className={className}>
      {children}
      <Scale frame={frame} height={height} />
      {driving.map((unit, index) => (
        <Unit key={unit.unit_id} unit={unit} frame={frame} shift={shifts[open.length + index] ?? null} />
      ))}
      {open.map((incident, index) => (
        <Incident key={incident.incident_id} incident={incident} frame={frame} shift={shifts[index] ?? null} shown={incident.incident_id === shown} />
      ))}
    </svg>
  );
}

function Grid({ frame: { grid } }: { frame: Frame }) {
  const lines = (length: number) => Array.from({ length: Math.floor(length / grid) }, (_, index) => (index + 1) * grid);
  return (
    <g stroke="var(--line)" strokeWidth="1">
      {lines(WIDTH).map((x) => (
        <line key={`x${x}`} x1={x} x2={x} y1={0} y2={HEIGHT} />
      ))}
      {lines(HEIGHT).map((y) => (
        <line key={`y${y}`} x1={0} x2={WIDTH} y1={y} y2={y} />
      ))}
    </g>
  );
}

function Scale({ frame: { grid, gridM }, height }: { frame: Frame; height: number }) {
  return (
    <g>
      <line x1={12} x2={12 + grid} y1={height - 12} y2={height - 12} stroke="var(--ink)" strokeWidth="2" />
      <text x={12} y={height - 18} fill="var(--ink)" stroke="var(--page)" strokeWidth="3" paintOrder="stroke" fontSize="12">
        {strings.map.scale(gridM)}
      </text>
    </g>
  );
}

interface MarkProps {
  readonly frame: Frame;
  readonly shift: number | null;
}

function Incident({ incident, frame, shift, shown }: MarkProps & { incident: Placed<IncidentView>; shown: boolean }) {
  return (
    <g data-testid="map-incident" transform={`translate(${frame.x(incident.at)} ${frame.y(incident.at)})`}>
      {shown && <circle r="17" fill="none" stroke="var(--ink)" strokeWidth="2" strokeDasharray="4 3" />}
      <circle r="11" fill={categoryColour(incident.category)} />
      <text textAnchor="middle" y="4.5" fontSize="13" fontWeight="700" fill="var(--surface)">
        {incident.category ?? "?"}
      </text>
      <Label shift={shift}>{nameOf(incident)}</Label>
    </g>
  );
}

function Unit({ unit, frame, shift }: MarkProps & { unit: Placed<UnitView> }) {
  return (
    <g data-testid="map-unit" transform={`translate(${frame.x(unit.at)} ${frame.y(unit.at)})`}>
      <g transform="translate(-10 -10)">
        <UnitShape state={unit.state} />
      </g>
      <Label shift={shift}>{signOf(unit)}</Label>
    </g>
  );
}

/** Readable over lines and shapes: the letters have an edge of the paper's colour. */
function Label({ shift, children }: { shift: number | null; children: string }) {
  if (shift === null) return null;
  return (
    <text x={BESIDE} y={shift} fontSize="12" fontWeight="500" fill="var(--ink)" stroke="var(--page)" strokeWidth="3" paintOrder="stroke">
      {children}
    </text>
  );
}

function nameOf(incident: IncidentView): string {
  return marked(incident.exercise, incident.place || incident.nature);
}

function signOf(unit: UnitView): string {
  return marked(unit.exercise, unit.call_sign);
}

function marked(exercise: boolean, name: string): string {
  return exercise ? `${strings.exercise} ${name}` : name;
}

/** The incidents' labels have the first choice. */
function shiftsOf(frame: Frame, open: readonly Placed<IncidentView>[], driving: readonly Placed<UnitView>[]): readonly (number | null)[] {
  const beside = (at: Point, text: string) => ({ x: frame.x(at) + BESIDE, y: frame.y(at), text });
  return labelShifts([...open.map((one) => beside(one.at, nameOf(one))), ...driving.map((unit) => beside(unit.at, signOf(unit)))]);
}

function placed<T extends { latitude: number | null; longitude: number | null }>(items: readonly T[]): Placed<T>[] {
  return items.flatMap((item) => {
    const at = pointOf(item);
    return at ? [{ ...item, at }] : [];
  });
}
