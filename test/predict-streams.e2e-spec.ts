import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { writeNpy } from '../src/common/media/npy.js';
import { WorkerPool } from '../src/common/pool/worker-pool.js';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { EXAMPLE, golden, useApp } from './support/test-app.js';

const expected = goldenAnswer('gpy/rbf-iso');
const X = expected.X_test;
const repeated = <T>(list: readonly T[], count: number): T[] =>
  Array.from({ length: count }, (_, i) => list[i % list.length]);
const means = (count: number): number[] => repeated(expected.mean.flat(), count);
const csv = (count: number): string => `x1,x2,x3\r\n${repeated(X, count).join('\r\n')}\r\n`;
const npy = (count: number): Buffer =>
  writeNpy(
    [count, 3],
    Float64Array.from({ length: count * 3 }, (_, i) => X[Math.floor(i / 3) % X.length][i % 3]),
  );

const PATIENCE = { timeout: 25_000, interval: 5 };

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

describe('bodies that are read while they arrive', () => {
  const app = useApp(
    { 'iso.pkl': golden('gpy/rbf-iso.pkl'), 'example.pkl': EXAMPLE },
    { THREADS: '2', MAX_BODY_BYTES: '20000000' },
  );
  const start = (
    headers: Record<string, string | number>,
    path = '/models/iso/predict?meanOnly',
  ): ClientRequest =>
    httpRequest({ port: app.port, host: '127.0.0.1', method: 'POST', path, headers, agent: false });

  const answerTo = async (request: ClientRequest): Promise<Answer> => {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: Buffer.concat(chunks).toString(),
    };
  };

  /** Sends a body in pieces of these lengths in turn, each by a write of its own. */
  const sendIn = async (
    request: ClientRequest,
    body: Buffer,
    lengths: readonly number[],
  ): Promise<Answer> => {
    const answer = answerTo(request);
    for (let at = 0, i = 0; at < body.length; i++) {
      const end = at + lengths[i % lengths.length];
      if (!request.write(body.subarray(at, end))) await once(request, 'drain');
      at = end;
    }
    request.end();
    return answer;
  };
  const send = (type: string, body: Buffer, encoding?: string): Promise<Answer> =>
    sendIn(
      start({ 'Content-Type': type, ...(encoding && { 'Content-Encoding': encoding }) }),
      body,
      [50_000],
    );

  const expectMeans = ({ status, text }: Answer, count: number): void => {
    expect(status).toBe(200);
    expectNumbers(JSON.parse(text), { mean: means(count) });
  };

  it.each([[[1, 2, 3, 5000]], [[70_001]], [[13, 65_536, 1]], [[1_000_000]]])(
    'CSV in pieces of %j bytes',
    async (lengths) => {
      expectMeans(await sendIn(start({ 'Content-Type': 'text/csv' }), Buffer.from(csv(5000)), lengths), 5000);
    },
  );

  it('npy in odd pieces, of known and of unknown length', async () => {
    const body = npy(60_000);
    const type = { 'Content-Type': 'application/x-npy' };
    expectMeans(await sendIn(start(type), body, [77_777, 3]), 60_000);
    expectMeans(await sendIn(start({ ...type, 'Content-Length': body.length }), body, [77_777, 3]), 60_000);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('%s', async (encoding, compress) => {
    expectMeans(await send('text/csv', compress(csv(5000)), encoding), 5000);
    expectMeans(await send('application/x-npy', compress(npy(5000)), encoding), 5000);
  });

  it('an error in the last row is named, and nothing was answered before', async () => {
    const { status, text } = await send('text/csv', Buffer.from(`${csv(30_000)}1,abc,3\r\n`));
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ path: 'x2', line: 30_002, received: '"abc"' }],
    });
  });

  it.each([
    [
      'a header of other columns',
      'text/csv',
      undefined,
      400,
      'INVALID_INPUT',
      () => Buffer.from(`a,b\n${csv(9000)}`),
    ],
    ['no rows', 'text/csv', 'gzip', 400, 'INVALID_INPUT', () => gzipSync('')],
    ['a broken encoding', 'text/csv', 'gzip', 400, 'MALFORMED_BODY', () => Buffer.from(csv(9000))],
    ['a cut encoding', 'text/csv', 'gzip', 400, 'MALFORMED_BODY', () => gzipSync(csv(9000)).subarray(0, 500)],
    [
      'an unknown encoding',
      'text/csv',
      'zip',
      415,
      'UNSUPPORTED_CONTENT_ENCODING',
      () => Buffer.from(csv(9000)),
    ],
    [
      'too long a text',
      'text/csv',
      undefined,
      413,
      'BODY_TOO_LARGE',
      () => Buffer.alloc(20_000_001, '1,2,3\n'),
    ],
    [
      'too long when unpacked',
      'text/csv',
      'gzip',
      413,
      'BODY_TOO_LARGE',
      () => gzipSync(Buffer.alloc(20_000_001, '1,2,3\n')),
    ],
    [
      'an npy cut short',
      'application/x-npy',
      undefined,
      400,
      'MALFORMED_BODY',
      () => npy(9000).subarray(0, -8),
    ],
  ] as const)('%s is refused', async (_what, type, encoding, status, code, make) => {
    const answer = await send(type, make(), encoding);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ code });
  });

  it('a length beyond the limit is refused before the body comes', async () => {
    const request = start({ 'Content-Type': 'text/csv', 'Content-Length': 20_000_001 });
    request.flushHeaders();
    const { status } = await answerTo(request);
    expect(status).toBe(413);
    request.on('error', () => undefined).destroy();
  });

  it('an upload that is broken off leaves nothing behind, and the next is answered', async () => {
    const pool = app.get(WorkerPool);
    const run = vi.spyOn(pool, 'run');
    const request = start({ 'Content-Type': 'text/csv' }).on('error', () => undefined);
    request.write(csv(20_000));
    await setTimeout(50);
    request.destroy();
    expectMeans(await send('text/csv', Buffer.from(csv(5000))), 5000);
    expect(pool.running).toBe(0);
    expect(run).not.toHaveBeenCalled();
    run.mockRestore();
  });

  it('answers of any format hold the same numbers, in pieces or whole', async () => {
    const count = 30_000;
    const post = async (accept: string): Promise<Buffer> => {
      const { body } = (await app.request().post('/models/iso/predict').type('text/csv').accept(accept).buffer(true)
        .parse((response, done) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => done(null, Buffer.concat(chunks)));
        })
        .send(csv(count)).expect(200)) as { body: Buffer }; // prettier-ignore
      return body;
    };
    const json = JSON.parse((await post('application/json')).toString()) as {
      mean: number[];
      variance: number[];
    };
    expectNumbers(json.mean, means(count));
    const lines = json.mean.map((mean, i) => `${mean},${json.variance[i]}\n`);
    expect((await post('text/csv')).toString()).toBe(`mean,variance\n${lines.join('')}`);
    const table = Float64Array.from(
      { length: 2 * count },
      (_, i) => (i % 2 ? json.variance : json.mean)[i >> 1],
    );
    expect((await post('application/x-npy')).equals(writeNpy([count, 2], table))).toBe(true);
  });

  describe('when the client is gone', () => {
    /** What the pool was asked for; `reached` is called with each task's input. */
    const watch = (
      reached: (input: { what?: string }) => void,
    ): { results: Promise<unknown>[]; end: () => void } => {
      const pool = app.get(WorkerPool);
      const run = pool.run.bind(pool);
      const results: Promise<unknown>[] = [];
      const spy = vi.spyOn(pool, 'run').mockImplementation((task, input, ...rest) => {
        const result = run(task, input, ...rest);
        results.push(result.then(() => 'done', (error: unknown) => (error as Error).name)); // prettier-ignore
        reached(input as { what?: string });
        return result;
      });
      return { results, end: () => spy.mockRestore() };
    };
    const untilIdle = (): Promise<unknown> => vi.waitUntil(() => app.get(WorkerPool).running === 0, PATIENCE);

    it('a joint computation stops in the middle', async () => {
      const options = '/models/iso/predict?samples=10000&meanOnly';
      const request = start({ 'Content-Type': 'text/csv' }, options).on('error', () => undefined);
      const { results, end } = watch(({ what }) => {
        if (what === 'joint') request.destroy();
      });
      request.end(csv(900));
      await vi.waitUntil(() => request.destroyed, PATIENCE);
      await untilIdle();
      end();
      expect(await results.at(-1)).toBe('AbortError');
    });

    it('of many parts no more are begun', async () => {
      const path = '/models/example/predict?meanOnly';
      const body = `x1,x2,x3,x4\n${'0.5,0.25,0.1,0.9\n'.repeat(200_000)}`;
      let parts = 0;
      let first: ClientRequest | undefined;
      const { end } = watch(({ what }) => {
        if (what === 'rows' && ++parts === 1) first?.destroy();
      });
      const ask = (): ClientRequest =>
        start({ 'Content-Type': 'text/csv' }, path).on('error', () => undefined);
      first = ask().end(body);
      await vi.waitUntil(() => parts > 0, PATIENCE);
      await untilIdle();
      const begun = parts;
      first = undefined;
      parts = 0;
      expect((await answerTo(ask().end(body))).status).toBe(200);
      end();
      expect(begun).toBeLessThan(parts);
    });
  });
});
