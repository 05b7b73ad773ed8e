import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from '../places.ts';
import type { Answer } from './answer.ts';
import type { BenchCase } from './cases.ts';
import {
  checkAnswers,
  type Failure,
  measure,
  type Measurement,
  medianRound,
  type Timing,
} from './measure.ts';
import { buildRequest } from './request.ts';
import { Rows } from './rows.ts';
import { RunningServer } from './running-server.ts';
import { type BenchServer, SERVERS } from './servers.ts';

export interface HttpOptions {
  readonly places: Places;
  readonly processes: number;
  readonly rounds: number;
  readonly timing: Timing;
  readonly log: (line: string) => void;
}

export interface HttpResults {
  readonly measurements: Measurement[];
  readonly failures: Failure[];
}

export function readQueries(places: Places): Rows {
  const bytes = readFileSync(join(places.models, 'queries.f64'));
  return new Rows(['x1', 'x2', 'x3', 'x4'], new Float64Array(new Uint8Array(bytes).buffer));
}

/** Runs the cases, those of one model together: its servers run side by side and are loaded in turn. */
export async function runHttpCases(cases: readonly BenchCase[], options: HttpOptions): Promise<HttpResults> {
  const results: HttpResults = { measurements: [], failures: [] };
  const queries = readQueries(options.places);
  for (const n of new Set(cases.map((benchCase) => benchCase.n))) {
    const own = cases.filter((benchCase) => benchCase.n === n);
    const running = await startServers(own, n, queries, options, results);
    try {
      for (const benchCase of own) await runCase(benchCase, running, queries, options, results);
    } finally {
      await Promise.all(running.map((server) => server.stop()));
    }
  }
  return results;
}

/** The variants are measured in one case only. */
function takesPart(server: BenchServer, benchCase: BenchCase): boolean {
  if (server.paths[benchCase.format] === undefined) return false;
  return server.variant === undefined || benchCase.name === 'n200/row/32';
}

async function startServers(
  cases: readonly BenchCase[],
  n: number,
  queries: Rows,
  options: HttpOptions,
  results: HttpResults,
): Promise<RunningServer[]> {
  const started: RunningServer[] = [];
  for (const server of SERVERS) {
    if (!cases.some((benchCase) => takesPart(server, benchCase))) continue;
    options.log(`starting ${server.title}, n = ${n}`);
    const probe = buildRequest('row', server.paths.row ?? '', queries.first(1));
    try {
      const { places, processes } = options;
      started.push(await RunningServer.start(server, { places, model: places.model(n), processes }, probe));
    } catch (error) {
      fail(results, `n${n}`, server, error, options);
    }
  }
  return started;
}

async function runCase(
  benchCase: BenchCase,
  servers: readonly RunningServer[],
  queries: Rows,
  options: HttpOptions,
  results: HttpResults,
): Promise<void> {
  const rows = queries.first(benchCase.rows);
  const rounds = new Map<RunningServer, Measurement[]>();
  let expected: Answer[] | undefined;
  for (const running of servers) {
    if (!takesPart(running.server, benchCase)) continue;
    try {
      if (running.server.constant === undefined) {
        const answers = await checkAnswers(
          running,
          benchCase,
          requestTo(running.server, benchCase, rows),
          expected,
        );
        expected ??= answers;
      }
      rounds.set(running, []);
    } catch (error) {
      fail(results, benchCase.name, running.server, error, options);
    }
  }
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [running, measured] of rounds) {
      try {
        const request = requestTo(running.server, benchCase, rows);
        const result = await measure(running, benchCase, request, options.timing);
        measured.push(result);
        const rate = result.requestsPerSecond.toPrecision(4);
        options.log(`${benchCase.name} ${running.server.id}: ${rate}/s, p99 ${result.latencyMs.p99} ms`);
      } catch (error) {
        rounds.delete(running);
        fail(results, benchCase.name, running.server, error, options);
      }
    }
  }
  for (const measured of rounds.values()) results.measurements.push(medianRound(measured));
}

function requestTo(server: BenchServer, { format }: BenchCase, rows: Rows): ReturnType<typeof buildRequest> {
  return buildRequest(format, server.paths[format] ?? '', rows);
}

export function fail(
  results: { readonly failures: Failure[] },
  name: string,
  server: BenchServer,
  error: unknown,
  { log }: HttpOptions,
): void {
  const failed = error instanceof Error ? error.message : String(error);
  results.failures.push({ case: name, server: server.id, failed });
  log(`FAILED ${name} ${server.id}: ${failed}`);
}
