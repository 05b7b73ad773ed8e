import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { FuzzRandom } from './support/fuzz-random.js';
import { ServerProcess } from './support/server-process.js';
import { golden } from './support/test-app.js';

const FILES = ['gpy/matern32-iso.pkl', 'gpy/matern52-iso.pkl'].map((file) =>
  readFileSync(golden(file).copyOf),
);
const X = [[0.1, 0.2]];
const CONNECTIONS = 64;
const ROUNDS = Number(process.env.ROLLOUT_ROUNDS ?? 25);
const KILLS = Number(process.env.ROLLOUT_KILLS ?? 3);

let folder: string;
const started: ServerProcess[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(env: Record<string, string> = {}): Promise<{ server: ServerProcess; url: string }> {
  const port = await freePort();
  // Without a line a request, which would be kept and searched here.
  const server = new ServerProcess({
    MODELS_DIR: folder,
    LOG_LEVEL: 'warn',
    PORT: String(port),
    ...env,
  });
  started.push(server);
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.ok) return { server, url };
    await sleep(20);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function newFolder(): void {
  folder = mkdtempSync(join(tmpdir(), 'kriged-rollout-'));
  mkdirSync(join(folder, 'model/1'), { recursive: true });
  cpSync(golden('gpy/matern32-iso.pkl').copyOf, join(folder, 'model/1/model.pkl'));
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(url: string, method: string, body?: unknown): Promise<Answer> {
  const isForm = body instanceof FormData;
  const response = await fetch(url, {
    method,
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    ...(!isForm && body !== undefined && { headers: { 'Content-Type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

/** A form, with a title that makes it a version of its own, though the file is one that is there. */
function form(file: Buffer, round: number): FormData {
  const data = new FormData();
  data.set('file', new Blob([new Uint8Array(file)]), 'model.pkl');
  data.set('manifest', JSON.stringify({ title: `Round ${round}` }));
  return data;
}

it(
  `answers every request whole while ${ROUNDS} versions come, are moved to and go`,
  { timeout: 300_000 },
  async () => {
    newFolder();
    const { url } = await start({ MODEL_CACHE_BYTES: '1048576' });
    const answers = new Set<string>();
    for (const [index, file] of FILES.entries()) {
      await call(`${url}/models/reference${index}`, 'POST', form(file, 0));
      const { body } = await call(`${url}/models/reference${index}/predict`, 'POST', X);
      answers.add(JSON.stringify(body));
    }
    expect(answers.size).toBe(2);

    const running = { yes: true };
    let served = 0;
    const odd: unknown[] = [];
    const clients = Array.from({ length: CONNECTIONS }, async () => {
      while (running.yes) {
        const { status, body } = await call(`${url}/models/model/predict`, 'POST', X);
        served++;
        if (status !== 200 || !answers.has(JSON.stringify(body))) odd.push({ status, body });
      }
    });
    for (let round = 1; round <= ROUNDS; round++) {
      const uploaded = await call(`${url}/models/model`, 'POST', form(FILES[round % 2], round));
      expect(uploaded).toMatchObject({ status: 201, body: { version: String(round + 1), state: 'ready' } });
      const moved = await call(`${url}/models/model/aliases/production`, 'PUT', {
        version: String(round + 1),
      });
      expect(moved).toMatchObject({ status: 200 });
      expect((await call(`${url}/models/model/versions/${round}`, 'DELETE')).status).toBe(204);
    }
    running.yes = false;
    await Promise.all(clients);
    expect(odd.slice(0, 3)).toEqual([]);
    expect(served).toBeGreaterThan(ROUNDS);
    const { body } = await call(`${url}/models/model/versions`, 'GET');
    expect(body).toMatchObject({ default: String(ROUNDS + 1), versions: [{ version: String(ROUNDS + 1) }] });
    const left = readdirSync(join(folder, 'model')).filter((name) => !name.startsWith('.'));
    expect(left.sort()).toEqual([String(ROUNDS + 1), 'aliases.json']);
    expect(readdirSync(join(folder, '.uploads'))).toEqual([]);
  },
);

it(
  `opens clean after it was killed ${KILLS} times in the middle of uploads, with all that it had acknowledged`,
  { timeout: 300_000 },
  async () => {
    newFolder();
    const random = new FuzzRandom(20);
    const acknowledged = new Set(['1']);
    /** What the alias was last acknowledged to mean, and what it was being moved to when all ended. */
    let production: { known?: string; wanted?: string } = {};
    for (let kill = 0; kill <= KILLS; kill++) {
      const { server, url } = await start();
      const { body } = await call(`${url}/models/model/versions`, 'GET');
      const versions = body.versions as { version: string; state: string }[];
      expect(versions.filter(({ state }) => state !== 'ready')).toEqual([]);
      expect(versions.map(({ version }) => version)).toEqual(expect.arrayContaining([...acknowledged]));
      const { production: alias } = body.aliases as { production?: string };
      expect([production.known, production.wanted]).toContain(alias);
      production = alias === undefined ? {} : { known: alias };
      if (kill > 0) expect(readdirSync(join(folder, '.uploads'))).toEqual([]);
      const uploads = Array.from({ length: 4 }, async (_, client) => {
        for (let round = 0; ; round++) {
          const answer = await call(
            `${url}/models/model`,
            'POST',
            form(FILES[round % 2], kill * 1e6 + client * 1e4 + round),
          );
          if (answer.status !== 201) throw new Error(JSON.stringify(answer));
          acknowledged.add(answer.body.version as string);
          if (client > 0) continue;
          const wanted = answer.body.version as string;
          production.wanted = wanted;
          await call(`${url}/models/model/aliases/production`, 'PUT', { version: wanted });
          production = { known: wanted };
        }
      }).map((upload) => upload.catch((error: unknown) => error));
      await sleep(random.int(20, 400));
      server.signal('SIGKILL');
      await server.ended;
      for (const ended of await Promise.all(uploads))
        expect(String(ended)).toMatch(/fetch failed|terminated/);
    }
    expect(acknowledged.size).toBeGreaterThan(KILLS);
  },
);
