import { setTimeout as sleep } from 'node:timers/promises';
import { disagreement, readAnswer, type Answer } from './answer.ts';
import type { BenchCase } from './cases.ts';
import type { BenchRequest } from './request.ts';
import type { RunningServer } from './running-server.ts';
import { load, type Latency } from './wrk.ts';

export interface Measurement {
  readonly case: string;
  readonly server: string;
  readonly requestsPerSecond: number;
  /** Processor time of the server's processes for one request: less sensitive to other load than the rate. */
  readonly cpuMsPerRequest: number;
  readonly latencyMs: Latency;
  readonly peakRssBytes: number;
}

export interface Failure {
  readonly case: string;
  readonly server: string;
  readonly failed: string;
}

export interface Timing {
  readonly seconds: number;
  readonly warmupSeconds: number;
}

/** A slow request is given time for this many in a row. */
const MIN_REQUESTS_IN_A_ROW = 6;
const MAX_SECONDS = 30;
const RSS_INTERVAL_MS = 100;
const IDLE_INTERVAL_MS = 200;
const IDLE_CPU_SECONDS = 0.05;
const MAX_IDLE_WAIT_MS = 30_000;

/** Asks once (single rows: each of them) and compares with `expected`. Gives the answers, or throws. */
export async function checkAnswers(
  running: RunningServer,
  { format }: BenchCase,
  request: BenchRequest,
  expected: readonly Answer[] | undefined,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < request.bodies.length; i += 1) {
    const answer = readAnswer(format, await running.post(request, i));
    if (format === 'mean-only' && answer.variance !== undefined)
      throw new Error('it answered a variance too');
    const problem = expected && disagreement(expected[i], answer);
    if (problem !== undefined) throw new Error(`wrong answer: ${problem}`);
    answers.push(answer);
  }
  return answers;
}

/** Loads the server for a while. Throws where any request failed. */
export async function measure(
  running: RunningServer,
  benchCase: BenchCase,
  request: BenchRequest,
  timing: Timing,
): Promise<Measurement> {
  const { connections } = benchCase;
  const began = performance.now();
  await running.post(request);
  const one = (performance.now() - began) / 1000;
  const seconds = Math.min(MAX_SECONDS, Math.max(timing.seconds, one * MIN_REQUESTS_IN_A_ROW));

  const sent =
    benchCase.rows > 1000 ? { ...request, headers: { ...request.headers, Connection: 'close' } } : request;
  await load(running.port, sent, { connections, seconds: timing.warmupSeconds });
  await untilIdle(running);

  const cpuBefore = running.tree.cpuSeconds();
  const memory = new PeakMemory(() => running.tree.residentBytes());
  const result = await load(running.port, sent, { connections, seconds });
  const peakRssBytes = await memory.stop();
  const cpu = running.tree.cpuSeconds() - cpuBefore;
  await untilIdle(running);

  const errors = Object.entries(result.errors).filter(([, count]) => count > 0);
  if (errors.length > 0)
    throw new Error(`requests failed: ${errors.map((error) => error.join(' ')).join(', ')}`);
  if (result.requests === 0) throw new Error('no request was finished');
  return {
    case: benchCase.name,
    server: running.server.id,
    requestsPerSecond: result.requests / result.seconds,
    cpuMsPerRequest: (cpu / result.requests) * 1000,
    latencyMs: result.latencyMs,
    peakRssBytes,
  };
}

/** Of several rounds the one with the median rate. */
export function medianRound(rounds: readonly Measurement[]): Measurement {
  const sorted = rounds.toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  return sorted[Math.floor(sorted.length / 2)];
}

/** wrk leaves without its last answers: waits until the server has stopped computing them. */
export async function untilIdle(running: RunningServer): Promise<void> {
  for (let waited = 0; waited < MAX_IDLE_WAIT_MS; waited += IDLE_INTERVAL_MS) {
    const before = running.tree.cpuSeconds();
    await sleep(IDLE_INTERVAL_MS);
    if (running.tree.cpuSeconds() - before < IDLE_CPU_SECONDS) return;
  }
}

class PeakMemory {
  #peak = 0;
  #running = true;
  readonly #sampling: Promise<void>;

  constructor(read: () => number) {
    this.#sampling = (async () => {
      while (this.#running) {
        this.#peak = Math.max(this.#peak, read());
        await sleep(RSS_INTERVAL_MS);
      }
    })();
  }

  async stop(): Promise<number> {
    this.#running = false;
    await this.#sampling;
    return this.#peak;
  }
}
