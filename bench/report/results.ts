import type { Facts } from '../facts.ts';
import type { Interference } from '../http/interference.ts';
import type { Failure, Measurement } from '../http/measure.ts';
import type { StartUp } from '../http/start-up.ts';
import type { LibraryResult } from '../library/library-benchmark.ts';

/** Everything that one run measured: what --json writes. */
export interface Results {
  readonly date: string;
  readonly facts: Facts;
  readonly settings: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Failure[];
  readonly interference: readonly Interference[];
  readonly startUp: readonly StartUp[];
  readonly library: readonly LibraryResult[];
}
