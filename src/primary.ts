import type { ChildProcess } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import type { Config } from './common/config/config.js';

/** A process that ends sooner after its start counts as failing; so many in a row, and something is wrong for good. */
const SHORT_LIFE_MS = 5_000;
const MAX_FAILURES = 5;
/** What a process has said before its end may be heard a little after it. */
const LAST_WORDS_MS = 100;

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
    closeUntaken(worker.process);
    // A message to one that has just died: its exit tells.
    worker.on('error', () => undefined);
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
      if (proven || stopping) return;
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

/** What Node sends to a process to hand a connection over, and what comes back when it was taken. */
interface ClusterMessage {
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

type Send = (message: ClusterMessage, connection?: { close(): void }, ...rest: unknown[]) => boolean;

/**
 * A connection that is on its way to a process which dies is answered by nobody, and Node keeps it open here for good. It
 * is closed, so that the client knows at once and may ask again.
 */
function closeUntaken(child: ChildProcess): void {
  const untaken = new Map<number, { close(): void }>();
  const send = child.send.bind(child) as Send;
  const remember: Send = (message, connection, ...rest) => {
    if (connection && message.act === 'newconn') untaken.set(message.seq!, connection);
    return send(message, connection, ...rest);
  };
  child.send = remember as typeof child.send;
  child.on('internalMessage', ({ ack }: ClusterMessage) => untaken.delete(ack!));
  child.once('exit', () => {
    setTimeout(() => {
      for (const connection of untaken.values()) connection.close();
    }, LAST_WORDS_MS);
  });
}
