import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, type HttpOptions, readQueries } from './http-benchmark.ts';
import { type Failure, untilIdle } from './measure.ts';
import { type BenchRequest, buildRequest, type Format } from './request.ts';
import type { Rows } from './rows.ts';
import { RunningServer } from './running-server.ts';
import { type BenchServer, FASTAPI, FLASK, KRIGED } from './servers.ts';
import { load } from './wrk.ts';

/** How single rows fare while a large request runs, or a training. */
export interface Interference {
  readonly server: string;
  readonly n: number;
  readonly format: Format | 'train';
  /** Rows of the request, or that are trained on. */
  readonly bulkRows: number;
  /** One large request alone. */
  readonly bulkSeconds: number;
  /** Large requests that ended, back to back, while single rows were measured: of the round of the median slowdown. */
  readonly bulkRequests: number;
  readonly idle: { readonly p99Ms: number; readonly requestsPerSecond: number };
  readonly busy: { readonly p99Ms: number; readonly requestsPerSecond: number };
}

const BULK_ROWS = 100_000;
const CONNECTIONS = 4;
const MAX_SECONDS = 30;

interface Scene {
  readonly n: number;
  readonly format: Format | 'train';
  readonly servers: readonly BenchServer[];
}

const SCENES: readonly Scene[] = [
  { n: 200, format: 'json', servers: [FLASK, FASTAPI, KRIGED] },
  { n: 1000, format: 'npy-npy', servers: [FLASK, FASTAPI, KRIGED] },
  { n: 200, format: 'train', servers: [KRIGED] },
];
const TRAINED_ROWS = 1000;
const RESTARTS = 5;

export interface InterferenceResults {
  readonly interference: Interference[];
  readonly failures: Failure[];
}

export async function runInterference(options: HttpOptions): Promise<InterferenceResults> {
  const results: InterferenceResults = { interference: [], failures: [] };
  const queries = readQueries(options.places);
  for (const { n, format, servers } of SCENES) {
    for (const server of servers) {
      const row = buildRequest('row', server.paths.row ?? '', queries.first(64));
      const bulkRows = format === 'train' ? TRAINED_ROWS : BULK_ROWS;
      const bulk =
        format === 'train'
          ? trainingRequest(queries.first(bulkRows))
          : buildRequest(format, server.paths[format] ?? '', queries.first(bulkRows));
      const { places, processes } = options;
      // What is trained becomes a model beside the one that answers.
      const folder = mkdtempSync(join(tmpdir(), 'kriged-bench-models-'));
      const model = { ...places.model(n), folder };
      cpSync(places.model(n).folder, folder, { recursive: true });
      const running = await RunningServer.start(server, { places, model, processes }, row);
      try {
        const result = await observe(running, row, bulk, options);
        results.interference.push({ server: server.id, n, format, bulkRows, ...result });
        options.log(describe(server, n, result));
      } catch (error) {
        // A server that gives up on a request this large says something, too.
        fail(results, `interference n${n}/${format}`, server, error, options);
      } finally {
        await running.stop();
        rmSync(folder, { recursive: true });
      }
    }
  }
  return results;
}

/** Answered when the model is there: the same request makes the same file, which is one version. */
function trainingRequest(rows: Rows): BenchRequest {
  const inputs = rows.toLists();
  const outputs = inputs.map(([a, b, c, d]) => Math.sin(6 * a) + b * b + 0.5 * Math.cos(4 * c * d));
  return {
    path: '/train',
    headers: { 'Content-Type': 'application/json', Prefer: 'wait=60' },
    bodies: [Buffer.from(JSON.stringify({ name: 'trained', inputs, outputs, restarts: RESTARTS, seed: 1 }))],
  };
}

type Observed = Pick<Interference, 'bulkSeconds' | 'bulkRequests' | 'idle' | 'busy'>;

async function observe(
  running: RunningServer,
  row: BenchRequest,
  bulk: BenchRequest,
  { timing, rounds }: HttpOptions,
): Promise<Observed> {
  await load(running.port, row, { connections: CONNECTIONS, seconds: timing.warmupSeconds });
  await running.post(bulk);
  const began = performance.now();
  await running.post(bulk);
  const bulkSeconds = (performance.now() - began) / 1000;
  await untilIdle(running);

  const seconds = Math.min(MAX_SECONDS, Math.max(timing.seconds, 2 * bulkSeconds));
  const single = async (): Promise<Observed['idle']> => {
    const result = await load(running.port, row, { connections: CONNECTIONS, seconds });
    return { p99Ms: result.latencyMs.p99, requestsPerSecond: result.requests / result.seconds };
  };
  const observed: Observed[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const idle = await single();
    let bulkRequests = 0;
    const stop = new AbortController();
    const bulkLoop = (async () => {
      while (!stop.signal.aborted) {
        await running.post(bulk);
        bulkRequests += 1;
      }
    })();
    const [busy] = await Promise.all([single().finally(() => stop.abort()), bulkLoop]);
    observed.push({ bulkSeconds, bulkRequests, idle, busy });
    await untilIdle(running);
  }
  return observed.toSorted((a, b) => slowdown(a) - slowdown(b))[Math.floor(observed.length / 2)];
}

function slowdown({ idle, busy }: Observed): number {
  return busy.p99Ms / idle.p99Ms;
}

function describe({ id }: BenchServer, n: number, { idle, busy }: Observed): string {
  return `interference n${n} ${id}: p99 idle ${idle.p99Ms} ms, busy ${busy.p99Ms} ms`;
}
