import { PickleError } from './pickle-error.js';

/** What a pickle may cost. The defaults suit model files up to several gigabytes: arrays stay in the file. */
export interface PickleLimits {
  /** Estimated bytes of memory for everything that parsing builds, arrays' payloads excluded. */
  readonly memory: number;
  /** Strings longer than this many bytes stay in the file until they are asked for. */
  readonly longText: number;
  /** How often over, in multiples of the file's size, lazily referenced payloads may be read. */
  readonly rereads: number;
}

export const DEFAULT_LIMITS: PickleLimits = { memory: 192 * 1024 * 1024, longText: 1024, rereads: 8 };

/**
 * Upper estimates of what V8 needs, in bytes. One number bounds the count of objects, of memo entries, of stack slots
 * and, because every opcode pays, the work.
 */
export const COST = {
  /** Every opcode: a slot on the stack and room for a boxed number. */
  opcode: 32,
  /** A list, set, dictionary or object with the first entries of its table. */
  container: 256,
  /** Each element or entry that is copied into a table. */
  entry: 64,
  /** A reference to bytes in the file. */
  reference: 128,
} as const;

export class MemoryBudget {
  private left: number;

  constructor(private readonly total: number) {
    this.left = total;
  }

  spend(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) {
      throw new PickleError(
        'limit',
        `more objects than ${this.total} bytes of memory hold: far more than a model of numbers needs`,
      );
    }
  }
}
