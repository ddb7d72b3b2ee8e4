import { describe, expect, it } from "vitest";

import { frameOf, labelShifts } from "../src/map/projection.ts";

const HARBOUR = { latitude: -41.29, longitude: 174.82 };

describe("the map", () => {
  it("puts every point into the picture, north up and east to the right", () => {
    const points = [HARBOUR, { latitude: -41.302, longitude: 174.83 }, { latitude: -41.284, longitude: 174.812 }];
    const frame = frameOf(points, 720, 440)!;
    for (const point of points) {
      expect(frame.x(point)).toBeGreaterThan(0);
      expect(frame.x(point)).toBeLessThan(720);
      expect(frame.y(point)).toBeGreaterThan(0);
      expect(frame.y(point)).toBeLessThan(440);
    }
    expect(frame.y(points[2]!)).toBeLessThan(frame.y(points[1]!));
    expect(frame.x(points[2]!)).toBeLessThan(frame.x(points[1]!));
  });

  it("shows a single point in the middle, with a grid of round metres around it", () => {
    const frame = frameOf([HARBOUR], 720, 440)!;
    expect([frame.x(HARBOUR), frame.y(HARBOUR)]).toEqual([360, 220]);
    expect(frame.gridM).toBe(200);
  });

  it("is as many metres wide as it is high for the same distance", () => {
    const frame = frameOf([HARBOUR], 720, 440)!;
    const north = { ...HARBOUR, latitude: HARBOUR.latitude + 0.001 };
    const east = { ...HARBOUR, longitude: HARBOUR.longitude + 0.001 / Math.cos((HARBOUR.latitude * Math.PI) / 180) };
    expect(frame.x(east) - 360).toBeCloseTo(220 - frame.y(north), 1);
  });

  it("draws nothing where no position is known", () => {
    expect(frameOf([], 720, 440)).toBeNull();
  });

  it("writes no label over another, and leaves out the one that has no room", () => {
    const one = { x: 100, y: 100, text: "Kiwi 1" };
    const shifts = labelShifts(Array.from({ length: 8 }, () => one));
    expect(shifts[0]).toBe(4);
    expect(new Set(shifts).size).toBe(8);
    expect(shifts.at(-1)).toBeNull();
    expect(labelShifts([one, { ...one, y: 140 }, { ...one, x: 200 }])).toEqual([4, 4, 4]);
  });
});
