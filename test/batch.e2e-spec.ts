import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Config } from '../src/common/config/config.js';
import { writeNpy } from '../src/common/media/npy.js';
import { writeNpz } from '../src/common/media/npz.js';
import { ServerProcess } from './support/server-process.js';
import { EXAMPLE, useApp } from './support/test-app.js';

const FORMATS = ['application/json', 'text/csv', 'application/x-npy', 'application/x-npz'];
const OPTIONS = 'quantiles=97.5,50&credibleInterval=90&gradients=true&latentVariance=true&trust=true';
const folder = mkdtempSync(join(tmpdir(), 'kriged-batch-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Rows of four inputs, the last of them outside the training data. */
const rows = (count: number): number[][] =>
  Array.from({ length: count }, (_, i) => [0, 1, 2, 3].map((q) => ((i * (q + 3)) % 97) / 90));
const pairs = (count: number): number[][] => rows(count).map((row) => row.slice(0, 2));
const csv = (X: number[][]): string => `x1,x2,x3,x4\n${X.join('\n')}\n`;
const npy = (X: number[][]): Buffer => writeNpy([X.length, X[0].length], Float64Array.from(X.flat()));

type Body = NonNullable<RequestInit['body']>;

interface JobBody {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly log: readonly string[];
  readonly progress?: { readonly done: number; readonly total: number };
  readonly failure?: {
    readonly code: string;
    readonly message: string;
    readonly details?: { errors?: object[] };
  };
}

/* oxlint-disable vitest/no-standalone-expect -- the client's checks run within tests */
/** A client of one server. */
class Client {
  constructor(private readonly url: () => string) {}

  fetch(path: string, init: RequestInit & { readonly duplex?: 'half' } = {}): Promise<Response> {
    return fetch(this.url() + path, init);
  }

  post(path: string, body: Body, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, { method: 'POST', body, headers });
  }

  /** Posts what becomes a job; its address. */
  async submit(path: string, body: Body, headers: Record<string, string> = {}): Promise<string> {
    const response = await this.post(path, body, headers);
    expect({ status: response.status, text: await response.text() }).toMatchObject({ status: 202 });
    return response.headers.get('location') ?? '';
  }

  async job(location: string): Promise<JobBody> {
    return (await this.fetch(location)).json() as Promise<JobBody>;
  }

  async ended(location: string): Promise<JobBody> {
    for (;;) {
      const job = await this.job(location);
      if (!['queued', 'running'].includes(job.state)) return job;
      await sleep(10);
    }
  }

  async result(
    location: string,
    accept = 'application/json',
  ): Promise<{ bytes: Buffer; response: Response }> {
    expect(await this.ended(location)).toMatchObject({ state: 'succeeded' });
    const response = await this.fetch(`${location}/result`, { headers: { Accept: accept } });
    expect(response.status).toBe(200);
    return { bytes: Buffer.from(await response.arrayBuffer()), response };
  }

  /** Parts of a job, in the order they were made. */
  async parts(location: string): Promise<JobBody[]> {
    const { jobs } = (await (await this.fetch(`/jobs?parent=${location.slice(6)}&limit=200`)).json()) as {
      jobs: JobBody[];
    };
    return jobs.reverse();
  }
}

/** Real server processes, one after the other on the same data, with a solver that is slow and notes its calls. */
class Servers {
  #folder = '';
  #running: ServerProcess | undefined;

  async start(): Promise<{ client: Client; kill: () => Promise<void> }> {
    if (this.#folder === '') this.#prepare();
    const server = new ServerProcess({
      MODELS_DIR: join(this.#folder, 'models'),
      DATA_DIR: join(this.#folder, 'data'),
      PROCESS_COMMANDS: join(this.#folder, 'commands.json'),
    });
    this.#running = server;
    const port = await server.port();
    return { client: new Client(() => `http://127.0.0.1:${port}`), kill: () => server.stop() };
  }

  /** One line a call. */
  calls(): string[] {
    const file = join(this.#folder, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = '';
  }

  #prepare(): void {
    this.#folder = mkdtempSync(join(tmpdir(), 'kriged-servers-'));
    for (const name of ['models', 'data']) mkdirSync(join(this.#folder, name));
    const spec = { type: 'process', command: 'slow', inputs: ['x1', 'x2'], outputs: ['y'] };
    writeFileSync(join(this.#folder, 'models/slow.json'), JSON.stringify(spec));
    const script = `const { appendFileSync, readFileSync } = require('node:fs');
const { inputs } = JSON.parse(readFileSync(0, 'utf8'));
appendFileSync(${JSON.stringify(join(this.#folder, 'calls'))}, inputs[0].x1 + '\\n');
console.error(inputs.length + ' rows to solve');
const outputs = inputs.map(({ x1, x2 }) => ({ y: x1 + x2 }));
setTimeout(() => process.stdout.write(JSON.stringify({ outputs })), 250);`;
    const slow = {
      command: process.execPath,
      args: ['-e', script],
      timeoutMs: 20_000,
      batch: 'all',
      concurrency: 1,
    };
    writeFileSync(join(this.#folder, 'commands.json'), JSON.stringify({ slow }));
  }
}

const json = { 'Content-Type': 'application/json' };
const asJob = { Prefer: 'respond-async' };

describe('predictions as jobs', () => {
  const app = useApp(
    {
      'example.pkl': EXAMPLE,
      'inverse.json': JSON.stringify({ type: 'expression', inputs: ['x'], outputs: { y: '1 / x' } }),
    },
    // So few that a thousand rows are several parts.
    {
      MAX_RESULT_VALUES: '15000',
      INPUT_DIR: folder,
      MAX_BODY_BYTES: '100000',
      JOBS_MAX_INPUT_BYTES: '400000',
    },
  );
  const client = new Client(() => `http://127.0.0.1:${app.port}`);
  const X = rows(1000);

  /** The result has the bytes, and the headers, of the answer at once. */
  const expectSame = async (location: string, path: string, body: Body, type: string): Promise<void> => {
    for (const accept of FORMATS) {
      const expected = await client.post(path, body, { 'Content-Type': type, Accept: accept });
      expect(expected.status).toBe(200);
      const { bytes, response } = await client.result(location, accept);
      expect(bytes.equals(Buffer.from(await expected.arrayBuffer())), accept).toBe(true);
      for (const name of ['content-type', 'kriged-model', 'kriged-warning']) {
        expect(response.headers.get(name)).toBe(expected.headers.get(name));
      }
    }
  };

  it.each([
    ['JSON', 'application/json', () => JSON.stringify(X)],
    [
      'JSON by name',
      'application/json',
      () => JSON.stringify(X.map(([x1, x2, x3, x4]) => ({ x1, x2, x3, x4 }))),
    ],
    ['CSV', 'text/csv', () => csv(X)],
    ['npy', 'application/x-npy', () => new Uint8Array(npy(X))],
    ['npz', 'application/x-npz', () => new Uint8Array(writeNpz({ X: { shape: [1000, 4], data: Float64Array.from(X.flat()) } }))], // prettier-ignore
    ['one row', 'application/json', () => JSON.stringify({ x1: 0.51, x2: 0.76, x3: 0.94, x4: 0.72 })],
    ['a form', 'application/x-www-form-urlencoded', () => 'x1=0.1&x2=0.2&x3=0.3&x4=0.4'],
  ])('%s: the bytes of the answer at once, in every format', async (_what, type, make) => {
    const path = `/models/example/predict?${OPTIONS}`;
    const response = await client.post(path, make(), { 'Content-Type': type, ...asJob });
    expect(response.status).toBe(202);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    await expectSame(response.headers.get('location') ?? '', path, make(), type);
  });

  it('many rows are shared out in parts, and every address and option takes them', async () => {
    for (const path of [
      '/models/example/predict?gradients=true',
      '/models/example/versions/1/predict?meanOnly=true&gradients=true',
      '/models/example/predict?squeeze=false&gradients=true&trust',
    ]) {
      const location = await client.submit(path, csv(X), { 'Content-Type': 'text/csv', ...asJob });
      await expectSame(location, path, csv(X), 'text/csv');
      expect(await client.job(location)).toMatchObject({
        type: 'predict',
        progress: { done: 1000, total: 1000 },
      });
      const parts = await client.parts(location);
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.every(({ state, attempt }) => state === 'succeeded' && attempt === 1)).toBe(true);
    }
  });

  it('what is joint is one piece, and refused at once where it is too large', async () => {
    const path = '/models/example/predict?covariance=true&samples=3&seed=7';
    const few = JSON.stringify(X.slice(0, 40));
    await expectSame(await client.submit(path, few, { ...json, ...asJob }), path, few, 'application/json');
    const refused = await client.post(path, JSON.stringify(X), { ...json, ...asJob });
    expect([refused.status, ((await refused.json()) as JobBody & { code: string }).code]).toEqual([413, 'RESULT_TOO_LARGE']); // prettier-ignore
  });

  it.each([
    ['a wrong value', '/models/example/predict', '[[1,2,3,"x"]]', 400, 'INVALID_INPUT'],
    ['no JSON', '/models/example/predict', '[[1,2,3', 400, 'MALFORMED_BODY'],
    ['an unknown option', '/models/example/predict?colour=red', '[[1,2,3,4]]', 400, 'INVALID_INPUT'],
    [
      'a wrong option of the job',
      '/models/example/predict?priority=high',
      '[[1,2,3,4]]',
      400,
      'INVALID_INPUT',
    ],
    ['an unknown model', '/models/nobody/predict', '[[1,2,3,4]]', 404, 'MODEL_NOT_FOUND'],
    ['rows outside', '/models/example/predict?domain=strict', '[[1,2,3,4]]', 422, 'OUTSIDE_DOMAIN'],
  ])('%s is refused before there is a job', async (_what, path, body, status, code) => {
    const response = await client.post(path, body, { ...json, ...asJob });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it('a row without an answer is named as it was sent, whichever part it is in', async () => {
    const points = Array.from({ length: 60 }, (_, i) => [i - 37]);
    const location = await client.submit('/models/inverse/predict', JSON.stringify(points), {
      ...json,
      ...asJob,
    });
    const { state, failure } = await client.ended(location);
    expect([state, failure]).toMatchObject(['failed', { code: 'RESULT_NOT_FINITE', details: { row: 37 } }]);
    expect(failure?.message).toContain('in row 37 ');
  });

  describe('waiting', () => {
    const body = JSON.stringify(X.slice(0, 9));
    const path = '/models/example/predict';
    const count = async (): Promise<number> =>
      ((await (await client.fetch('/jobs?limit=200')).json()) as { jobs: object[] }).jobs.length;

    it('what is short is answered at once, and is no job', async () => {
      const before = await count();
      const response = await client.post(path, body, { ...json, Prefer: 'respond-async, wait=5' });
      expect([response.status, response.headers.get('location')]).toEqual([200, null]);
      expect(await count()).toBe(before);
      // Nor is what does not ask for it.
      expect((await client.post(path, body, { ...json, Prefer: 'wait=5' })).status).toBe(200);
      expect(await count()).toBe(before);
    });

    it('a job that ends in time answers as if it were none', async () => {
      const response = await client.post(path, body, { ...json, Prefer: 'respond-async, wait=30', 'Idempotency-Key': 'w1' }); // prettier-ignore
      expect(response.status).toBe(200);
      expect(response.headers.get('location')).toMatch(/^\/jobs\//);
      const expected = await client.post(path, body, json);
      expect(await response.text()).toBe(await expected.text());
    });

    it('a job that does not is looked for later', async () => {
      const response = await client.post(`${path}?delay=1`, body, {
        ...json,
        Prefer: 'respond-async, wait=0',
      });
      expect(response.status).toBe(202);
      expect(await client.ended(response.headers.get('location') ?? '')).toMatchObject({
        state: 'succeeded',
      });
    });
  });

  describe('Idempotency-Key', () => {
    it.each([
      ['/models/example/predict', asJob],
      ['/models/example/batch', {}],
    ])('%s: the same key means the same job, another body is refused', async (path, prefer) => {
      const headers = { 'Content-Type': 'text/csv', 'Idempotency-Key': path, ...prefer };
      const first = await client.submit(path, csv(X), headers);
      await client.ended(first);
      const again = await client.post(path, csv(X), headers);
      expect([again.status, again.headers.get('location')]).toEqual([200, first]);
      const other = await client.post(path, csv(X.slice(1)), headers);
      expect(other.status).toBe(422);
      expect(await other.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      expect((await client.post(`${path}?gradients`, csv(X), headers)).status).toBe(422);
    });
  });

  describe('files', () => {
    const path = '/models/example/batch';
    const predict = '/models/example/predict';

    it.each<[string, string, () => Body, Record<string, string>?]>([
      ['CSV', 'text/csv', () => csv(X)],
      ['gzipped CSV', 'text/csv', () => new Uint8Array(gzipSync(csv(X))), { 'Content-Encoding': 'gzip' }],
      ['npy', 'application/x-npy', () => new Uint8Array(npy(X))],
      ['npy by its first bytes', 'application/octet-stream', () => new Uint8Array(npy(X))],
      ['npz', 'application/zip', () => new Uint8Array(writeNpz({ X: { shape: [1000, 4], data: Float64Array.from(X.flat()) } }))], // prettier-ignore
      ['JSON', 'application/json', () => JSON.stringify({ inputs: X, options: { gradients: true } })],
    ])('%s', async (_what, type, make, more = {}) => {
      const gradients = type === 'application/json' ? '' : '?gradients';
      const location = await client.submit(path + gradients, make(), { 'Content-Type': type, ...more });
      await expectSame(location, `${predict}?gradients`, csv(X), 'text/csv');
      expect((await client.parts(location)).length).toBeGreaterThan(1);
    });

    it('a file of a form, whose other fields are options', async () => {
      const form = new FormData();
      form.set('gradients', 'true');
      form.set('file', new Blob([csv(X)]), 'doe.csv');
      await expectSame(await client.submit(path, form), `${predict}?gradients`, csv(X), 'text/csv');
    });

    it('a file may be longer than a body, its answer longer than an answer', async () => {
      const many = rows(12_000);
      const location = await client.submit(path, new Uint8Array(npy(many)));
      const { bytes } = await client.result(location, 'application/x-npy');
      const piece = await client.post(predict, csv(many.slice(264, 1264)), { 'Content-Type': 'text/csv', Accept: 'application/x-npy' }); // prettier-ignore
      const expected = Buffer.from(await piece.arrayBuffer()).subarray(128);
      expect(bytes.length).toBe(128 + 12_000 * 16);
      expect(bytes.subarray(128 + 264 * 16, 128 + 264 * 16 + 1000 * 16).equals(expected)).toBe(true);
    });

    it.each<[string, string, () => Body, string, object]>([
      ['a wrong cell', 'text/csv', () => `${csv(X)}1,2,abc,4\n`, 'INVALID_INPUT', { path: 'x3', line: 1002 }],
      ['a number that is none', 'application/x-npy', () => new Uint8Array(npy([...X, [1, 2, Number.NaN, 4]])), 'INVALID_INPUT', { path: '[1000, 2]' }], // prettier-ignore
      ['a row outside', 'text/csv', () => csv(X.map((_row, i) => [0.5, 0.5, 0.5, i === 700 ? 99 : 0.5])), 'OUTSIDE_DOMAIN', { path: '[700].x4' }], // prettier-ignore
    ])('%s fails the job, and is named', async (_what, type, make, code, issue) => {
      const location = await client.submit(`${path}?domain=strict`, make(), { 'Content-Type': type });
      const { state, failure } = await client.ended(location);
      expect([state, failure?.code]).toEqual(['failed', code]);
      expect(failure?.details?.errors).toContainEqual(expect.objectContaining(issue));
      const response = await client.fetch(`${location}/result`);
      expect([response.status, await response.json()]).toMatchObject([422, { code }]);
    });

    it.each<[string, Body, Record<string, string>, number, string]>([
      ['too long a file', 'x'.repeat(400_001), { 'Content-Type': 'text/csv' }, 413, 'INPUT_TOO_LARGE'],
      ['too long a file when unpacked', new Uint8Array(gzipSync('x'.repeat(400_001))), { 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip' }, 413, 'INPUT_TOO_LARGE'], // prettier-ignore
      [
        'a broken encoding',
        csv(X),
        { 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip' },
        400,
        'MALFORMED_BODY',
      ],
      ['another type', '<rows/>', { 'Content-Type': 'text/xml' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
      [
        'a form without a file',
        'a=1',
        { 'Content-Type': 'multipart/form-data; boundary=b' },
        400,
        'INVALID_INPUT',
      ],
    ])('%s is refused at once', async (_what, body, headers, status, code) => {
      const response = await client.post(path, body, headers);
      expect([response.status, await response.json()]).toMatchObject([status, { code }]);
    });

    it.each(['text/csv', 'multipart/form-data; boundary=b'])(
      'an upload that breaks off leaves nothing (%s)',
      async (type) => {
        const artifacts = join(app.get(Config).dataDir, 'artifacts');
        const stored = (): number => readdirSync(artifacts, { recursive: true }).length;
        const before = stored();
        const request = httpRequest({ port: app.port, host: '127.0.0.1', method: 'POST', path, headers: { 'Content-Type': type } }).on('error', () => undefined); // prettier-ignore
        request.write('--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n');
        request.write(csv(X));
        while (stored() === before) await sleep(5);
        request.destroy();
        while (stored() > before) await sleep(5);
        expect(stored()).toBe(before);
      },
    );

    it('other methods are refused', async () => {
      const response = await client.fetch(path);
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });

  describe('the input folder', () => {
    const path = '/models/example/batch';
    const name = (file: string, more: object = {}): Promise<Response> =>
      client.post(path, JSON.stringify({ file, ...more }), json);

    it('gives its files, also by links inside it', async () => {
      mkdirSync(join(folder, 'designs'));
      writeFileSync(join(folder, 'designs/doe.csv'), csv(X));
      symlinkSync('designs/doe.csv', join(folder, 'link.csv'));
      for (const file of ['designs/doe.csv', 'link.csv']) {
        const response = await name(file, { options: { gradients: true } });
        expect(response.status).toBe(202);
        await expectSame(response.headers.get('location') ?? '', '/models/example/predict?gradients', csv(X), 'text/csv'); // prettier-ignore
      }
    });

    it('gives nothing else', async () => {
      const outside = mkdtempSync(join(tmpdir(), 'kriged-outside-'));
      writeFileSync(join(outside, 'secret.csv'), csv(X));
      symlinkSync(join(outside, 'secret.csv'), join(folder, 'way-out.csv'));
      symlinkSync(outside, join(folder, 'way-out'));
      writeFileSync(`${folder}-beside.csv`, csv(X));
      try {
        for (const file of [
          '../secret.csv',
          join(outside, 'secret.csv'),
          'way-out.csv',
          'way-out/secret.csv',
          '.',
          '',
          'designs',
          `../${folder.slice(folder.lastIndexOf('/') + 1)}-beside.csv`,
          'a\0b',
          'nothing.csv',
          '/etc/passwd',
        ]) {
          const response = await name(file);
          const text = await response.text();
          expect([file, response.status, (JSON.parse(text) as { code: string }).code]).toEqual([file, 404, 'INPUT_FILE_NOT_FOUND']); // prettier-ignore
          if (!file.startsWith('/')) expect(text).not.toContain(outside);
        }
        expect((await name('link.csv', { more: 1 })).status).toBe(400);
      } finally {
        rmSync(outside, { recursive: true });
        rmSync(`${folder}-beside.csv`);
      }
    });
  });
});

describe('without an input folder', () => {
  const app = useApp({ 'example.pkl': EXAMPLE });

  it('no file can be named', async () => {
    const response = await app.request().post('/batch').send({ file: 'doe.csv' });
    expect([response.status, response.body]).toMatchObject([403, { code: 'INPUT_DIR_OFF' }]);
  });
});

describe('a result of many rows', () => {
  const app = useApp({ 'example.pkl': EXAMPLE }, { MAX_RESULT_VALUES: '200000' });

  it('is streamed, with the same bytes', async () => {
    const client = new Client(() => `http://127.0.0.1:${app.port}`);
    const count = 80_000;
    const data = Float64Array.from({ length: count * 4 }, (_, i) => ((i * 7) % 1009) / 1009);
    const body = new Uint8Array(writeNpy([count, 4], data));
    const location = await client.submit('/batch', body);
    for (const accept of FORMATS) {
      const expected = await client.post('/predict', body, {
        'Content-Type': 'application/x-npy',
        Accept: accept,
      });
      const { bytes } = await client.result(location, accept);
      expect(bytes.equals(Buffer.from(await expected.arrayBuffer())), accept).toBe(true);
    }
    expect((await client.parts(location)).length).toBeGreaterThan(1);
  });
});

describe('a job and its model', () => {
  const server = new Servers();
  afterEach(() => server.stop());

  it('a job that its process did not survive goes on with the parts that are left', async () => {
    const { client, kill } = await server.start();
    const location = await client.submit('/models/slow/predict', JSON.stringify(pairs(96)), {
      ...json,
      ...asJob,
    });
    while (server.calls().length < 3) await sleep(10);
    await kill();
    const again = (await server.start()).client;
    const { bytes } = await again.result(location);
    const { mean } = JSON.parse(bytes.toString()) as { mean: number[] };
    expect(mean).toEqual(pairs(96).map(([x1, x2]) => x1 + x2));
    const parts = await again.parts(location);
    expect(parts).toHaveLength(6);
    // What was done when it died was not done again, and what was under way was.
    const calls = server.calls();
    parts.forEach(({ attempt }, part) => {
      const [x1] = pairs(96)[part * 16];
      expect(calls.filter((call) => Number(call) === x1).length).toBeLessThanOrEqual(attempt);
    });
    expect(parts[0].attempt).toBe(1);
    expect(calls.length).toBeGreaterThan(6);
  });

  it('a job that is cancelled computes no more parts', async () => {
    const { client } = await server.start();
    const location = await client.submit('/models/slow/predict', JSON.stringify(pairs(160)), {
      ...json,
      ...asJob,
    });
    while (server.calls().length < 2) await sleep(10);
    await client.fetch(location, { method: 'DELETE' });
    expect(await client.ended(location)).toMatchObject({ state: 'cancelled' });
    const begun = server.calls().length;
    await sleep(600);
    expect(server.calls()).toHaveLength(begun);
    expect(begun).toBeLessThan(10);
    expect(
      (await client.parts(location)).every(({ state }) => ['succeeded', 'cancelled'].includes(state)),
    ).toBe(true);
  });

  it('what a model says is in the log', async () => {
    const { client } = await server.start();
    const location = await client.submit('/models/slow/predict', JSON.stringify(pairs(2)), {
      ...json,
      ...asJob,
    });
    expect((await client.ended(location)).log).toContain('2 rows to solve');
  });

  it('a job is answered by the version that it was sent to, or by none', async () => {
    const { client } = await server.start();
    const put = async (version: string, formula: string): Promise<void> => {
      const form = new FormData();
      const file = JSON.stringify({ type: 'expression', inputs: ['x1', 'x2'], outputs: { y: formula } });
      form.set('file', new Blob([file]), 'model.json');
      form.set('version', version);
      const response = await client.fetch('/models/formula', { method: 'POST', body: form });
      expect({ status: response.status, text: await response.text() }).toMatchObject({ status: 201 });
    };
    await put('1', 'x1 + x2');
    const body = JSON.stringify([[1, 2], [3, 4]]); // prettier-ignore
    const submit = (): Promise<string> =>
      client.submit('/models/formula/predict?delay=2', body, { ...json, ...asJob });
    const before = await submit();
    await put('2', 'x1 * x2');
    const after = await submit();
    expect((await client.result(before)).bytes.toString()).toBe('{"mean":[3,7]}');
    expect((await client.result(after)).bytes.toString()).toBe('{"mean":[2,12]}');
    const orphan = await submit();
    await client.fetch('/models/formula/versions/2', { method: 'DELETE' });
    expect(await client.ended(orphan)).toMatchObject({
      state: 'failed',
      failure: { code: 'MODEL_VERSION_GONE' },
    });
  });
});
