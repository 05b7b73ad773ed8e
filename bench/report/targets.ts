import { EMPTY_NEST, FLASK, KRIGED, SERVERS } from '../http/servers.ts';
import type { Results } from './results.ts';

export interface Target {
  readonly what: string;
  /** As the issue states it. */
  readonly asked: string;
  /** Undefined where this run did not measure it. */
  readonly reached: string | undefined;
  readonly met: boolean | undefined;
}

/** What the project set out to reach, and whether this run did. */
export function targets(results: Results): Target[] {
  const rate = (name: string, server: string): number | undefined =>
    results.measurements.find((one) => one.case === name && one.server === server)?.requestsPerSecond;
  const against = (name: string, servers: readonly string[]): number | undefined => {
    const ours = rate(name, KRIGED.id);
    const best = Math.max(...servers.map((server) => rate(name, server) ?? 0));
    return ours === undefined || best === 0 ? undefined : ours / best;
  };
  const python = SERVERS.filter((server) => server.python).map((server) => server.id);
  return [
    atLeast(12, 'one row, n = 200, 32 connections, against Flask + GPy', against('n200/row/32', [FLASK.id])),
    atLeast(6, 'the same against the fastest Python server', against('n200/row/32', python)),
    atLeast(0.8, 'the same against an empty Nest + Express route', against('n200/row/32', [EMPTY_NEST.id])),
    atLeast(5, '10,000 rows JSON, n = 200, against Flask + GPy', against('n200/json/10000', [FLASK.id])),
    atLeast(3, '10,000 rows npy, n = 1,000, against Flask + GPy', against('n1000/npy-npy/10000', [FLASK.id])),
    ...libraryTargets(results),
    ...results.interference
      .filter(({ server }) => server === KRIGED.id)
      .map(({ n, format, idle, busy }) =>
        atMost(
          3,
          `p99 of single rows during ${format === 'train' ? 'a training' : `100,000 rows (${format})`}, n = ${n}, against idle`,
          busy.p99Ms / idle.p99Ms,
        ),
      ),
    ...startUpTargets(results),
  ];
}

function libraryTargets({ library }: Results): Target[] {
  const large = library.find(({ n, rows }) => n === 1000 && rows === 10_000);
  const small = library.find(({ n, rows }) => n === 200 && rows === 1000);
  const openblas = large?.kriged['openblas'];
  const wasm = small?.kriged['wasm'];
  return [
    atMost(
      1.2,
      'library, OpenBLAS, 10,000 rows, n = 1,000: whole prediction against dtrsm alone',
      large && openblas !== undefined ? openblas / large.dtrsm : undefined,
    ),
    atMost(
      1,
      'library, WebAssembly, 1,000 rows, n = 200: time against numpy + OpenBLAS',
      small && wasm !== undefined ? wasm / small.numpy : undefined,
    ),
  ];
}

function startUpTargets({ startUp }: Results): Target[] {
  const own = startUp.find(({ server, processes }) => server === KRIGED.id && processes === 1);
  const seconds = own === undefined ? undefined : own.startMs / 1000;
  const megabytes = own === undefined ? undefined : own.idleRssBytes / 1e6;
  return [
    atMost(1, 'start to first answer with the example model', seconds, ' s'),
    atMost(120, 'resident memory when idle', megabytes, ' MB'),
  ];
}

function atLeast(limit: number, what: string, value: number | undefined): Target {
  return target(what, `≥ ${limit}×`, value, (reached) => reached >= limit, '×');
}

function atMost(limit: number, what: string, value: number | undefined, unit = '×'): Target {
  return target(what, `≤ ${limit}${unit}`, value, (reached) => reached <= limit, unit);
}

function target(
  what: string,
  asked: string,
  value: number | undefined,
  isMet: (value: number) => boolean,
  unit: string,
): Target {
  if (value === undefined) return { what, asked, reached: undefined, met: undefined };
  return { what, asked, reached: `${value.toPrecision(3)}${unit}`, met: isMet(value) };
}
