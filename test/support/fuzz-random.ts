/** Seeded randomness, and the small choices that fuzzing is made of. */
export class FuzzRandom {
  constructor(private state: number) {}

  /** In [0, 1): mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)];
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(0, 255)));
  }

  /** `text` with a few bytes changed, lost, doubled or put in. */
  damage(body: Buffer | string, pieces: readonly string[]): Buffer {
    let bytes = Buffer.from(body);
    for (let edits = this.int(1, 3); edits > 0; edits--) {
      const at = this.int(0, bytes.length);
      const length = this.int(1, 6);
      const before = bytes.subarray(0, at);
      const kind = this.next();
      if (kind < 0.25) bytes = Buffer.concat([before, this.bytes(1), bytes.subarray(at + 1)]);
      else if (kind < 0.45) bytes = Buffer.concat([before, bytes.subarray(at + length)]);
      else if (kind < 0.55) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
      else if (kind < 0.6) bytes = Buffer.from(before);
      else bytes = Buffer.concat([before, Buffer.from(this.pick(pieces)), bytes.subarray(at)]);
    }
    return bytes;
  }
}
