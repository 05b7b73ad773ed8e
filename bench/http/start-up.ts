import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpOptions, readQueries } from './http-benchmark.ts';
import { buildRequest } from './request.ts';
import { RunningServer } from './running-server.ts';
import { EMPTY_NEST, FASTAPI, FLASK, KRIGED } from './servers.ts';

export interface StartUp {
  readonly server: string;
  readonly processes: number;
  /** From the start of the process to its first answer to a prediction: the median. */
  readonly startMs: number;
  /** Of all its processes, two seconds after the first answer: the median. */
  readonly idleRssBytes: number;
}

const SETTLE_MS = 2000;

/** Serves the example model. */
export async function runStartUp(options: HttpOptions): Promise<StartUp[]> {
  const results: StartUp[] = [];
  const row = readQueries(options.places).first(1);
  for (const processes of [1, 2]) {
    for (const server of [FLASK, FASTAPI, EMPTY_NEST, KRIGED]) {
      const starts: number[] = [];
      const memory: number[] = [];
      for (let i = 0; i < Math.max(3, options.rounds); i += 1) {
        const running = await RunningServer.start(
          server,
          { places: options.places, model: options.places.exampleModel, processes },
          buildRequest('row', server.paths.row ?? '', row),
        );
        await sleep(SETTLE_MS);
        starts.push(running.startMs);
        memory.push(running.tree.residentBytes());
        await running.stop();
      }
      const result = { server: server.id, processes, startMs: median(starts), idleRssBytes: median(memory) };
      options.log(`start ${server.id}, ${processes} processes: ${Math.round(result.startMs)} ms`);
      results.push(result);
    }
  }
  return results;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
