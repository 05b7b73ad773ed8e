import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../run-command.ts';
import type { BenchRequest } from './request.ts';

export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly latencyMs: Latency;
}

export interface LoadOptions {
  readonly connections: number;
  readonly seconds: number;
}

const script = fileURLToPath(new URL('wrk.lua', import.meta.url));

/**
 * Drives a server with wrk, one thread: each connection sends its next request when the answer to the last is there.
 * wrk and not a tool in JavaScript, since the client shares the machine with the server and must take little of it.
 */
export async function load(port: number, request: BenchRequest, options: LoadOptions): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'kriged-wrk-'));
  try {
    mkdirSync(folder, { recursive: true });
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\n`);
    writeFileSync(join(folder, 'headers'), headers.join(''));
    request.bodies.forEach((body, i) => writeFileSync(join(folder, String(i)), body));
    const output = await run([
      'wrk',
      '--threads',
      '1',
      '--connections',
      String(options.connections),
      '--duration',
      `${Math.ceil(options.seconds)}s`,
      '--timeout',
      '120s',
      '--script',
      script,
      `http://127.0.0.1:${port}${request.path}`,
      '--',
      folder,
      String(request.bodies.length),
    ]);
    const line = output.split('\n').find((text) => text.startsWith('RESULT '));
    if (line === undefined) throw new Error(`wrk gave no result:\n${output}`);
    return JSON.parse(line.slice('RESULT '.length)) as LoadResult;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes sure that wrk is there: installs Debian's package where this process may. */
export async function requireWrk(): Promise<void> {
  const found = await run(['sh', '-c', 'command -v wrk || true']);
  if (found.trim() !== '') return;
  if (process.getuid?.() !== 0)
    throw new Error('The benchmark needs wrk: install it (apt-get install wrk) and run again.');
  await run(['apt-get', 'update']);
  await run(['apt-get', 'install', '--yes', 'wrk']);
}
