/**
 * Streets by MapLibre, loaded when they are first wanted.
 *
 * In: a style and the points that should be in sight. Out: the frame that lays other marks over it, told anew at every move.
 * It follows the points until somebody moves it. North stays up.
 */
import "maplibre-gl/dist/maplibre-gl.css";

import { distanceM, type Point } from "@kiwimesh/sdk";
import { LngLatBounds, Map as Streets, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { strings } from "../strings.ts";
import { Button } from "../ui/button.tsx";
import { gridOf, type Frame } from "./projection.ts";
import { giveUpStreets } from "./streets.ts";

setWorkerUrl(workerUrl);

/** Pixels between the outermost point and the edge. */
const PADDING = 40;
/** Near enough to tell two houses apart. */
const NEAREST = 16;

export interface Sight {
  readonly frame: Frame;
  readonly width: number;
  readonly height: number;
}

interface StreetMapProps {
  readonly style: StyleSpecification;
  readonly points: readonly Point[];
  readonly children: (sight: Sight) => ReactNode;
}

export default function StreetMap({ style, points, children }: StreetMapProps) {
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<Streets | null>(null);
  const [sight, setSight] = useState<Sight | null>(null);
  const [moved, setMoved] = useState(false);
  useEffect(() => {
    const made = box.current && opened(box.current, style, points);
    if (!made) {
      giveUpStreets();
      return;
    }
    made.on("movestart", (event) => event.originalEvent && setMoved(true));
    const look = () => setSight(sightOf(made));
    made.on("move", look);
    made.on("resize", look);
    setMap(made);
    look();
    return () => made.remove();
    // The points of the first look only: what follows moves the map that is there.
  }, [style]);
  useEffect(() => {
    if (map && !moved && !allIn(map, points)) fit(map, points);
  }, [map, moved, points]);
  const back = () => {
    setMoved(false);
    if (map) fit(map, points);
  };
  const zoom = (by: number) => {
    setMoved(true);
    map?.zoomTo(map.getZoom() + by, { duration: 0 });
  };
  return (
    <>
      {/* The library's own rule for its box comes after ours, so that the box lies in another one. */}
      <div className="absolute inset-0">
        <div ref={box} data-testid="streets" className="street-map size-full" />
      </div>
      {sight && children(sight)}
      <div className="absolute top-2 right-2 flex flex-col items-end gap-1">
        <Button size="small" onClick={() => zoom(1)} aria-label={strings.map.closer}>
          +
        </Button>
        <Button size="small" onClick={() => zoom(-1)} aria-label={strings.map.farther}>
          −
        </Button>
        {moved && (
          <Button size="small" onClick={back}>
            {strings.map.showAll}
          </Button>
        )}
      </div>
    </>
  );
}

/** Null in a browser that cannot draw it. */
function opened(container: HTMLElement, style: StyleSpecification, points: readonly Point[]): Streets | null {
  try {
    return new Streets({
      container,
      style,
      bounds: boundsOf(points),
      fitBoundsOptions: { padding: PADDING, maxZoom: NEAREST },
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      fadeDuration: 0,
      attributionControl: { compact: false },
      locale: { "Map.Title": strings.map.streetsLabel },
    });
  } catch {
    return null;
  }
}

function boundsOf(points: readonly Point[]): LngLatBounds {
  const bounds = new LngLatBounds();
  for (const { longitude, latitude } of points) bounds.extend([longitude, latitude]);
  return bounds;
}

function fit(map: Streets, points: readonly Point[]): void {
  map.fitBounds(boundsOf(points), { padding: PADDING, maxZoom: NEAREST, duration: 0 });
}

function allIn(map: Streets, points: readonly Point[]): boolean {
  const seen = map.getBounds();
  return points.every(({ longitude, latitude }) => seen.contains([longitude, latitude]));
}

function sightOf(map: Streets): Sight {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const [west, east] = [map.unproject([0, height / 2]), map.unproject([width, height / 2])];
  const metres = distanceM({ latitude: west.lat, longitude: west.lng }, { latitude: east.lat, longitude: east.lng });
  const on = (at: Point) => map.project([at.longitude, at.latitude]);
  return { frame: { x: (at) => on(at).x, y: (at) => on(at).y, ...gridOf(metres, width) }, width, height };
}
