import { fileURLToPath } from 'node:url';
import { disagreement } from '../http/answer.ts';
import type { Places } from '../places.ts';
import { run } from '../run-command.ts';

/** Microseconds a row, one thread. */
export interface LibraryResult {
  readonly n: number;
  readonly rows: number;
  readonly numpy: number;
  readonly dtrsm: number;
  /** By backend. */
  readonly kriged: Readonly<Record<string, number>>;
}

interface Timed {
  readonly n: number;
  readonly rows: number;
  readonly secondsPredict: number;
  readonly mean: number[];
  readonly variance: number[];
}

const python = fileURLToPath(new URL('numpy_predict.py', import.meta.url));
const node = fileURLToPath(new URL('kriged-predict.ts', import.meta.url));
const ONE_THREAD = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };

/** Throws where Kriged's answers are not numpy's. */
export async function runLibrary(places: Places, seconds: number): Promise<LibraryResult[]> {
  const args = [places.models, String(seconds)];
  const theirs = JSON.parse(await run([places.python(), python, ...args], ONE_THREAD)) as (Timed & {
    secondsDtrsm: number;
  })[];
  const ours = JSON.parse(await run([process.execPath, node, ...args], ONE_THREAD)) as (Timed & {
    backend: string;
  })[];
  return theirs.map((numpy) => {
    const { n, rows } = numpy;
    const perRow = (total: number): number => (total / rows) * 1e6;
    const kriged = ours
      .filter((timed) => timed.n === n && timed.rows === rows)
      .map((timed) => {
        const problem = disagreement(numpy, timed);
        if (problem !== undefined) throw new Error(`library, n = ${n}, ${timed.backend}: ${problem}`);
        return [timed.backend, perRow(timed.secondsPredict)] as const;
      });
    return {
      n,
      rows,
      numpy: perRow(numpy.secondsPredict),
      dtrsm: perRow(numpy.secondsDtrsm),
      kriged: Object.fromEntries(kriged),
    };
  });
}
