export * from "./codec.ts";
export * from "./frames16k.ts";
export * from "./jitter.ts";
export * from "./microphone.ts";
export * from "./player.ts";
export * from "./resample.ts";
