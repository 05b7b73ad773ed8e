import cluster, { type Worker } from 'node:cluster';
import type { Config } from './common/config/config.js';

/** A process that ends sooner after its start counts as failing; so many in a row, and something is wrong for good. */
const SHORT_LIFE_MS = 5_000;
const MAX_FAILURES = 5;

/**
 * The process that holds the port and shares its connections among `config.processes` copies of the server. The first
 * one shows whether they can run at all: it has said why, if not. One that dies later is replaced; the others, and what
 * they are answering, are untouched. Ends when all of them have ended.
 */
export function runPrimary(config: Config): void {
  let stopping = false;
  let failures = 0;
  let proven = false;

  const start = (): void => {
    const born = Date.now();
    const worker = cluster.fork();
    worker.once('exit', (code, signal) => {
      if (stopping) return;
      if (!proven) {
        process.exitCode = code || 1;
        return;
      }
      failures = Date.now() - born < SHORT_LIFE_MS ? failures + 1 : 0;
      if (failures >= MAX_FAILURES) {
        console.error(`Processes end right after their start (${signal ?? `exit code ${code}`}): giving up.`);
        process.exitCode = 1;
        stop('SIGTERM');
        return;
      }
      console.error(
        `Process ${worker.process.pid} ended (${signal ?? `exit code ${code}`}): starting another.`,
      );
      start();
    });
    worker.once('listening', () => {
      if (proven) return;
      proven = true;
      for (let i = 1; i < config.processes; i++) start();
    });
  };

  const stop = (signal: NodeJS.Signals): void => {
    stopping = true;
    for (const worker of Object.values(cluster.workers ?? {}) as Worker[]) worker.process.kill(signal);
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  start();
}
