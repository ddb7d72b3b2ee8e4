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
  const gridM = roundUp((metres * width) / LINES);
  return {
    x: (at) => width / 2 + ((at.longitude - middle.longitude) * perLongitude) / metres,
    y: (at) => height / 2 - ((at.latitude - middle.latitude) * perLatitude) / metres,
    gridM,
    grid: gridM / metres,
  };
}

function range(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 2, 5] as const).find((step) => step * power >= value) ?? 10) * power;
}
