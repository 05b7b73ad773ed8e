import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/numeric/random/random.js';
import { ServerProcess } from './support/server-process.js';
import { ROOT } from './support/test-app.js';

const CLI = join(ROOT, 'dist/cli.js');
const random = new Random(9);
const X = Array.from({ length: 170 }, () => [random.uniform(), random.uniform(), random.uniform()]);
const y = X.map(([a, b, c]) => Math.sin(8 * a) + b * c);

/** With 170 points, searches on a part of them come first. */
function requestOf(points: number): object {
  return { name: 'resumed', inputs: X.slice(0, points), outputs: y.slice(0, points), restarts: 60, seed: 4 };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kriged-train-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly progress?: { readonly done: number; readonly found?: number };
  readonly jobs?: readonly Answer[];
}

async function ask(port: number, path: string, init?: RequestInit): Promise<Answer> {
  return (await (await fetch(`http://127.0.0.1:${port}${path}`, init)).json()) as Answer;
}

async function train(port: number, points: number): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify(requestOf(points));
  return (await ask(port, '/train', { method: 'POST', headers, body })).id;
}

async function until(port: number, id: string, enough: (job: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const job = await ask(port, `/jobs/${id}`);
    if (enough(job)) return job;
    await sleep(30);
  }
}

describe('a training whose server is killed', { timeout: 240_000 }, () => {
  it.each([
    { points: 140, mostParts: 60 },
    { points: 170, mostParts: 63 },
  ])(
    'goes on from the searches that have ended, and commits one version: $points points',
    async ({ points, mostParts }) => {
      const models = mkdtempSync(join(folder, 'models-'));
      const env = { MODELS_DIR: models, DATA_DIR: mkdtempSync(join(folder, 'data-')) };
      const first = new ServerProcess(env);
      const firstPort = await first.port();
      const id = await train(firstPort, points);
      await until(firstPort, id, ({ progress }) => (progress?.done ?? 0) >= 2);
      const before = (await ask(firstPort, `/jobs?parent=${id}&state=succeeded&limit=200`)).jobs!;
      await first.stop();
      const second = new ServerProcess(env);
      try {
        const port = await second.port();
        const job = await until(port, id, ({ state }) => state !== 'queued' && state !== 'running');
        expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
        expect(job.progress?.found).toBeGreaterThanOrEqual(before.length);
        const after = (await ask(port, `/jobs?parent=${id}&limit=200`)).jobs!;
        expect(after.length).toBeGreaterThanOrEqual(60);
        expect(after.length).toBeLessThanOrEqual(mostParts);
        for (const part of before) expect(after.find((other) => other.id === part.id)?.attempt).toBe(1);
        // A whole training of the same comes to the same file.
        const again = await train(port, points);
        await until(port, again, ({ state }) => state === 'succeeded');
        expect(await ask(port, `/jobs/${again}/result`)).toMatchObject({ model: 'resumed', version: '1' });
        expect(readdirSync(join(models, 'resumed'))).toEqual(['1']);
      } finally {
        await second.stop();
      }
    },
  );
});

describe('kriged train', { timeout: 120_000 }, () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    promisify(execFile)(process.execPath, [CLI, 'train', ...args], {
      env: { PATH: process.env['PATH'], ...env },
    });

  it('makes a file, and a version of a model, of a CSV', async () => {
    const data = join(folder, 'data.csv');
    writeFileSync(data, ['a,b,c,y', ...X.slice(0, 40).map((row, i) => [...row, y[i]].join())].join('\n'));
    const models = mkdtempSync(join(folder, 'models-'));
    const out = join(folder, 'trained.safetensors');
    const options = ['--target', 'y', '--kernel', 'matern52(ard)', '--restarts', '2', '--noise', '0'];
    const file = await run([data, ...options, '--out', out], { MODELS_DIR: models });
    expect(file.stdout).toMatch(/40 points, inputs a, b, c; outputs y/);
    expect(file.stdout).toMatch(/log marginal likelihood: -?\d/);
    expect(file.stdout).toMatch(/kernel: matern52\(variance=/);
    expect(file.stdout).toMatch(/y: Q² 0\.9/);
    expect(file.stderr).toMatch(/2 of 2 searches\n/);
    // It asks nobody.
    const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/nothing';
    const version = await run([data, ...options, '--name', 'cli'], { MODELS_DIR: models, DATABASE_URL });
    const digest = /sha256 ([0-9a-f]{64})/;
    expect(digest.exec(version.stdout)?.[1]).toBe(digest.exec(file.stdout)?.[1]);
    expect(readdirSync(join(models, 'cli'))).toEqual(['1']);
  });

  it('says what is wrong, and ends with 1', async () => {
    const data = join(folder, 'wrong.csv');
    writeFileSync(data, 'a,y\n1,2\nx,nan\n');
    await expect(run([data])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Line 3: a must be a finite number, got "x".*\nLine 3: y must be/),
    });
  });
});
