import type { StyleSpecification } from "maplibre-gl";
import { describe, expect, it } from "vitest";

import { drawnInSoftware, withAddresses } from "../src/map/streets.ts";

const BASE = "https://dispatch.example/map/";

describe("a style of the own server", () => {
  it("names each of its files in full, with the braces of a tile's address as they are", () => {
    const style = {
      version: 8,
      glyphs: "letters/{fontstack}/{range}.pbf",
      sprite: "signs",
      sources: {
        town: { type: "geojson", data: "town.geojson" },
        region: { type: "vector", tiles: ["tiles/{z}/{x}/{y}.mvt"] },
        other: { type: "vector", url: "https://tiles.example/all.json" },
        drawn: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      },
      layers: [],
    } satisfies StyleSpecification;
    expect(withAddresses(style, BASE)).toEqual({
      ...style,
      glyphs: `${BASE}letters/{fontstack}/{range}.pbf`,
      sprite: `${BASE}signs`,
      sources: {
        town: { type: "geojson", data: `${BASE}town.geojson` },
        region: { type: "vector", tiles: [`${BASE}tiles/{z}/{x}/{y}.mvt`] },
        other: style.sources.other,
        drawn: style.sources.drawn,
      },
    });
  });

  it("stays without letters and signs where it has none", () => {
    expect(withAddresses({ version: 8, sources: {}, layers: [] }, BASE)).toEqual({ version: 8, sources: {}, layers: [] });
  });
});

describe("a computer without a graphics processor", () => {
  it.each(["ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)", "llvmpipe (LLVM 19.1.7, 256 bits)", "Microsoft Basic Render Driver"])(
    "is known by %s",
    (name) => expect(drawnInSoftware(name)).toBe(true),
  );

  it.each(["ANGLE (Intel, Mesa Intel(R) UHD Graphics 620, OpenGL 4.6)", "Apple M2"])("is not one with %s", (name) => expect(drawnInSoftware(name)).toBe(false));
});
