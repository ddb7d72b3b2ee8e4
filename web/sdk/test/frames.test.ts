import { describe, expect, it } from "vitest";

import { FrameLog, type NumberedFrame } from "../src/frames.ts";
import { FrameSender } from "../src/sender.ts";
import { randomFrom } from "./random.ts";

const SAMPLES = 10;
const frame = () => new Uint8Array(new ArrayBuffer(SAMPLES * 2));

function filled(count: number, capacity = 1000): FrameLog {
  const log = new FrameLog(capacity);
  for (let index = 0; index < count; index += 1) log.push(frame(), SAMPLES);
  return log;
}

const numbers = (frames: readonly NumberedFrame[]) => frames.map(({ seq, offset }) => [seq, offset]);

describe("the log of frames", () => {
  it("sends a window ahead and goes on as frames are confirmed", () => {
    const log = filled(5);
    expect(numbers(log.due(30))).toEqual([[0, 0], [1, 10], [2, 20]]);
    expect(log.due(30)).toEqual([]);
    log.confirm(2, 20);
    expect(numbers(log.due(30))).toEqual([[3, 30], [4, 40]]);
    expect(log.unconfirmed).toBe(30);
  });

  it("sends again from the frame that the server asks for", () => {
    const log = filled(4);
    log.due(100);
    log.rewind(2);
    expect(numbers(log.due(100))).toEqual([[2, 20], [3, 30]]);
  });

  it("after a broken connection forgets what arrived unconfirmed, and sends the rest", () => {
    const log = filled(5);
    log.due(100);
    log.disconnected();
    log.resume(3, 30);
    expect(numbers(log.due(100))).toEqual([[3, 30], [4, 40]]);
  });

  it("keeps its bound by giving up the oldest sound, and lets the offset jump instead of the number", () => {
    const log = filled(8, 50);
    expect(log.lost).toBe(30);
    log.resume(0, 0);
    expect(numbers(log.due(100))).toEqual([[0, 30], [1, 40], [2, 50], [3, 60], [4, 70]]);
  });

  it("never gives up a frame that is under way, since its number is taken", () => {
    const log = filled(3, 50);
    log.due(20);
    for (let index = 0; index < 4; index += 1) log.push(frame(), SAMPLES);
    log.confirm(2, 20);
    expect(numbers(log.due(100)).map(([seq]) => seq)).toEqual([2, 3, 4]);
  });

  it("goes on behind what the server has when it is further than this page ever was", () => {
    const log = filled(2);
    log.due(100);
    log.confirm(500, 5000);
    expect(numbers(log.due(100))).toEqual([[500, 5000], [501, 5010]]);
    expect(log.nextOffset).toBe(5020);
  });

  it("jumps over the time in which nothing was recorded", () => {
    const log = new FrameLog(1000);
    log.skipTo(500);
    log.push(frame(), SAMPLES);
    log.resume(7, 100);
    expect(numbers(log.due(100))).toEqual([[7, 500]]);
  });
});

/** A server that takes frames in order, confirms late, and whose connection breaks; `journal` is what is on its disk. */
class Journal {
  offsets: number[] = [];
  private pipe: NumberedFrame[] = [];

  receive = (frame: NumberedFrame): void => void this.pipe.push(frame);

  breakOff(random: () => number): void {
    const arrived = this.pipe.splice(0, Math.floor(random() * (this.pipe.length + 1)));
    for (const frame of arrived) this.take(frame);
    this.pipe = [];
  }

  work(random: () => number): void {
    for (let count = Math.floor(random() * 4); count > 0 && this.pipe.length > 0; count -= 1) {
      this.take(this.pipe.shift() as NumberedFrame);
    }
  }

  get next(): [number, number] {
    const last = this.offsets.at(-1);
    return [this.offsets.length, last === undefined ? 0 : last + SAMPLES];
  }

  private take({ seq, offset }: NumberedFrame): void {
    if (seq === this.offsets.length) this.offsets.push(offset);
  }
}

describe("sound over a connection that breaks at any moment", () => {
  it("arrives complete, in order and once", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = randomFrom(seed);
      const journal = new Journal();
      const sender = new FrameSender(new FrameLog(100_000), journal.receive, 50);
      let online = false;
      for (let tick = 0; tick < 200; tick += 1) {
        sender.push(frame(), SAMPLES);
        if (online && random() < 0.1) {
          online = false;
          journal.breakOff(random);
          sender.pause();
        } else if (!online && random() < 0.3) {
          online = true;
          sender.resume(...journal.next);
        } else if (online) {
          journal.work(random);
          if (random() < 0.5) sender.confirmed(...journal.next);
        }
      }
      sender.pause();
      journal.breakOff(() => 1);
      sender.resume(...journal.next);
      for (let rest = 0; rest < 400; rest += 1) {
        journal.work(() => 0.99);
        sender.confirmed(...journal.next);
      }
      expect(journal.offsets).toEqual(Array.from({ length: 200 }, (_, index) => index * SAMPLES));
      expect(sender.log.unconfirmed).toBe(0);
    }
  });

  it("answers a storm of equal orders to go back only once", () => {
    const sent: number[] = [];
    const sender = new FrameSender(new FrameLog(1000), ({ seq }) => sent.push(seq), 1000, () => 0);
    for (let index = 0; index < 4; index += 1) sender.push(frame(), SAMPLES);
    sender.start();
    for (let index = 0; index < 3; index += 1) sender.rewind(1);
    expect(sent).toEqual([0, 1, 2, 3, 1, 2, 3]);
  });
});
