import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** Not to be found in any message or log. */
export const PASSWORD = 'correct-horse-battery';

const DEBIAN = '/usr/lib/postgresql';
const BIN = [
  ...(process.env['PATH'] ?? '').split(':'),
  ...(existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : []),
].find((folder) => folder !== '' && existsSync(join(folder, 'initdb')));

/** Whether these tests can run: they are skipped on a machine without PostgreSQL, unless REQUIRE_POSTGRES is set. */
export const HAS_POSTGRES = BIN !== undefined || process.env['REQUIRE_POSTGRES'] !== undefined;
if (!HAS_POSTGRES) process.emitWarning('No PostgreSQL here (initdb is not found): its tests are skipped.');

/** A real server with a cluster of its own in a temporary folder, on a free port of the loopback. */
export class Postgres {
  #server: ChildProcess | undefined;
  #databases = 0;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<Postgres> {
    if (BIN === undefined) throw new Error('REQUIRE_POSTGRES is set, but initdb is not found.');
    const folder = mkdtempSync(join(tmpdir(), 'kriged-postgres-'));
    const { uid, gid } = owner();
    if (uid !== undefined) chownSync(folder, uid, gid!);
    const secret = join(folder, 'password');
    writeFileSync(secret, PASSWORD, { mode: 0o644 });
    execFileSync(
      join(BIN, 'initdb'),
      [
        '-D',
        join(folder, 'data'),
        '-U',
        'kriged',
        '-A',
        'scram-sha-256',
        '--pwfile',
        secret,
        '-E',
        'UTF8',
        '--no-locale',
        '-N',
      ],
      { stdio: 'ignore', cwd: folder, ...owner() },
    );
    const postgres = new Postgres(folder, await freePort());
    await postgres.resume();
    return postgres;
  }

  /** Where a database is that nobody has used yet. */
  async newDatabase(): Promise<string> {
    const name = `test_${++this.#databases}`;
    await this.#execute('postgres', `CREATE DATABASE ${name}`);
    return this.#url(name);
  }

  /** As after a crash of its machine: nothing is told to anybody. */
  async kill(): Promise<void> {
    await this.#end('SIGQUIT');
  }

  /** Once more, with what it had. */
  async resume(): Promise<void> {
    const data = join(this.folder, 'data');
    const options = [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=`,
      '-c',
      'max_connections=120',
    ];
    this.#server = spawn(join(BIN!, 'postgres'), ['-D', data, '-p', String(this.port), ...options], {
      stdio: 'ignore',
      cwd: this.folder,
      ...owner(),
    });
    for (let tries = 0; ; tries++) {
      try {
        await this.#execute('postgres', 'SELECT 1');
        return;
      } catch (error) {
        if (tries === 200) throw error;
        await sleep(50);
      }
    }
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT');
    rmSync(this.folder, { recursive: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server!;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }

  #url(database: string): string {
    return `postgres://kriged:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  async #execute(database: string, command: string): Promise<void> {
    const client = new Client(this.#url(database));
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(command);
    } finally {
      await client.end();
    }
  }
}

/** PostgreSQL does not run as root. */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** One that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
