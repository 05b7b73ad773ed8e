import { Agent, request as httpRequest } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessTree } from './process-tree.ts';
import type { BenchRequest } from './request.ts';
import type { BenchServer, ServeOptions } from './servers.ts';

const START_TIMEOUT_MS = 120_000;
/** How long it may answer with an error, as a server does that still loads its model. */
const ERRORS_TIMEOUT_MS = 15_000;
/** Answered in a row, each on a connection of its own, before a server with several workers counts as started. */
const STEADY_ANSWERS = 20;

/** A started competitor. */
export class RunningServer {
  readonly server: BenchServer;
  readonly port: number;
  readonly tree: ProcessTree;
  /** From the start of its process to its first answer. */
  readonly startMs: number;

  private constructor(server: BenchServer, port: number, tree: ProcessTree, startMs: number) {
    this.server = server;
    this.port = port;
    this.tree = tree;
    this.startMs = startMs;
  }

  /** Starts it and waits until it answers `probe`. Throws with its output where it does not. */
  static async start(
    server: BenchServer,
    options: Omit<ServeOptions, 'port'>,
    probe: BenchRequest,
  ): Promise<RunningServer> {
    const port = await freePort();
    const tree = new ProcessTree(server.command({ ...options, port }));
    try {
      await untilAnswered(tree, port, probe);
      const startMs = performance.now() - tree.startedAt;
      for (let i = 0; i < STEADY_ANSWERS; i += 1) await untilAnswered(tree, port, probe);
      return new RunningServer(server, port, tree, startMs);
    } catch (error) {
      await tree.stop();
      throw error;
    }
  }

  post(request: BenchRequest, body = 0): Promise<Buffer> {
    return post(this.port, request, body);
  }

  stop(): Promise<void> {
    return this.tree.stop();
  }
}

/** The server answered, but not with 200. */
class StatusError extends Error {}

/** Posts on a connection of its own. Throws unless the status is 200. */
function post(port: number, { path, headers, bodies }: BenchRequest, body = 0): Promise<Buffer> {
  const options = { host: '127.0.0.1', port, path, method: 'POST', agent: new Agent() };
  return new Promise((resolve, reject) => {
    const length = { 'Content-Length': String(bodies[body].length) };
    const outgoing = httpRequest({ ...options, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve(answer);
        else
          reject(
            new StatusError(`${path} answered ${response.statusCode}: ${answer.toString().slice(0, 300)}`),
          );
      });
    });
    outgoing.on('error', reject);
    outgoing.end(bodies[body]);
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

async function untilAnswered(tree: ProcessTree, port: number, probe: BenchRequest): Promise<void> {
  for (let errorsSince: number | undefined; ;) {
    try {
      await post(port, probe);
      return;
    } catch (error) {
      const now = performance.now();
      if (error instanceof StatusError) errorsSince ??= now;
      const erring = errorsSince !== undefined && now - errorsSince > ERRORS_TIMEOUT_MS;
      if (tree.ended || erring || now - tree.startedAt > START_TIMEOUT_MS) {
        throw new Error(`it did not start: ${String(error)} ${tree.output}`, { cause: error });
      }
      await sleep(5);
    }
  }
}
