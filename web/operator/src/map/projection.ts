/**
 * Coordinates on a flat picture: pure.
 *
 * In: points in degrees. Out: a frame of the width and height of the picture that holds them all with a margin, north up,
 * with one scale both ways, and a grid of a round number of metres. Right for a town; not for a continent.
 */
import { distanceM, type Point } from "@kiwimesh/sdk";

export interface Frame {
  readonly x: (at: Point) => number;
  readonly y: (at: Point) => number;
  /** Metres between two lines of the grid. */
  readonly gridM: number;
  /** The same in units of the picture. */
  readonly grid: number;
}

/** A single point is shown with this much around it. */
const LEAST_M = 500;
const MARGIN = 0.12;
const LINES = 6;

export function frameOf(points: readonly Point[], width: number, height: number): Frame | null {
  if (points.length === 0) return null;
  const [south, north] = range(points.map((point) => point.latitude));
  const [west, east] = range(points.map((point) => point.longitude));
  const middle = { latitude: (south + north) / 2, longitude: (west + east) / 2 };
  const perLatitude = distanceM({ ...middle, latitude: middle.latitude - 0.5 }, { ...middle, latitude: middle.latitude + 0.5 });
  const perLongitude = perLatitude * Math.cos((middle.latitude * Math.PI) / 180);
  const room = 1 - 2 * MARGIN;
  const across = Math.max((east - west) * perLongitude, LEAST_M) / (width * room);
  const up = Math.max((north - south) * perLatitude, LEAST_M) / (height * room);
  const metres = Math.max(across, up);
  return {
    x: (at) => width / 2 + ((at.longitude - middle.longitude) * perLongitude) / metres,
    y: (at) => height / 2 - ((at.latitude - middle.latitude) * perLatitude) / metres,
    ...gridOf(metres * width, width),
  };
}

/** The grid of a picture that is `acrossM` metres and `width` units wide. */
export function gridOf(acrossM: number, width: number): Pick<Frame, "gridM" | "grid"> {
  const gridM = roundUp(acrossM / LINES);
  return { gridM, grid: (gridM * width) / acrossM };
}

function range(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 2, 5] as const).find((step) => step * power >= value) ?? 10) * power;
}

/** Places beside a mark that a label is tried at, in units of the picture: level with it, below, above, farther away. */
const SHIFTS = [4, 18, -11, 32, -25, 46, -39] as const;
const LINE = 13;
/** Of one letter. */
const WIDE = 6.4;

export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** How far below its mark each label stands, so that none covers another; null for one that has no room. */
export function labelShifts(items: readonly Labelled[]): readonly (number | null)[] {
  const taken: { x: number; y: number; end: number }[] = [];
  return items.map(({ x, y, text }) => {
    const end = x + text.length * WIDE;
    const shift = SHIFTS.find((by) => !taken.some((other) => Math.abs(other.y - y - by) < LINE && x < other.end && other.x < end));
    if (shift === undefined) return null;
    taken.push({ x, y: y + shift, end });
    return shift;
  });
}
