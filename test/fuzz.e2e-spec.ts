import { Agent, request as httpRequest } from 'node:http';
import { afterAll, describe, expect, it } from 'vitest';
import { brokenHttp, type FuzzRequest, KINDS } from './support/broken-requests.js';
import { FuzzRandom } from './support/fuzz-random.js';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { expectNoLeak, expectWellFormedProblem } from './support/problem.js';
import { exchange } from './support/raw-http.js';
import { golden, useApp } from './support/test-app.js';

const SEED = 20_261_122;
const REQUESTS = 10_000;
const BROKEN_HTTP = 400;
const AT_ONCE = 16;
const names = Object.keys(KINDS);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

describe(`${REQUESTS} broken requests`, () => {
  const app = useApp(
    {
      'iso.pkl': golden('gpy/rbf-iso.pkl'),
      'icm.pkl': golden('gpy/icm.pkl'),
      'three.pkl': golden('gpy/three-outputs.pkl'),
      'het.pkl': golden('gpy/heteroscedastic.pkl'),
      'broken.pkl': 'broken',
    },
    { DEFAULT_MODEL: 'iso', MAX_BODY_BYTES: '16384', MAX_RESULT_VALUES: '5000', MODELS_API: 'read-only' },
  );
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  afterAll(() => agent.destroy());

  it.each(names)('%s: each is answered, or refused with what is wrong', async (name) => {
    const random = new FuzzRandom(SEED + names.indexOf(name));
    const requests = Array.from({ length: Math.ceil(REQUESTS / names.length) }, () => KINDS[name](random));
    const statuses = new Map<number, number>();
    await inParallel(requests, async (request) => {
      const answer = await send(app.port, agent, request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      checked(request, answer, () => expectAnswer(request, answer));
    });
    // A kind that is never refused, or always in the same way, tests little.
    const refused = [...statuses]
      .filter(([status]) => status >= 400)
      .reduce((sum, [, count]) => sum + count, 0);
    expect(refused / requests.length, JSON.stringify([...statuses])).toBeGreaterThan(0.15);
  });

  it('bytes that are no HTTP: each is refused with what is wrong', async () => {
    const random = new FuzzRandom(SEED);
    const requests = Array.from({ length: BROKEN_HTTP }, () => brokenHttp(random));
    await inParallel(requests, async (bytes) => {
      const answer = await exchange(app.port, bytes);
      checked(bytes.toString('latin1'), answer, () => {
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) expectWellFormedProblem(answer.status, answer.headers, answer.text);
      });
    });
  });

  it('and the server still predicts right', async () => {
    const expected = goldenAnswer('gpy/rbf-iso');
    const { body } = await app.request().post('/predict').send(expected.X_test).expect(200);
    expectNumbers(body, { mean: expected.mean.flat(), variance: expected.variance_observed?.flat() });
    const ready = await app.request().get('/health/ready').expect(200);
    expect(ready.body).toMatchObject({ status: 'ready', ready: 4, failed: 1 });
  });
});

function expectAnswer(request: FuzzRequest, { status, headers, text }: Answer): void {
  expect(headers['x-request-id']).toMatch(/./);
  if (status === 501) {
    // The one documented case here: noise in the samples of a model that knows none at new points.
    expect(request.path).toContain('/het/');
    expect(text).toContain('SAMPLE_NOT_SUPPORTED');
  } else {
    expect(status).toBeLessThan(500);
  }
  if (request.method === 'HEAD') expect(text).toBe('');
  else if (status >= 400) expectWellFormedProblem(status, headers, text);
  else {
    expectNoLeak(text);
    if (String(headers['content-type']).startsWith('application/json')) JSON.parse(text);
  }
}

/** Tells which request it was. */
function checked(request: unknown, answer: Answer, check: () => void): void {
  try {
    check();
  } catch (cause) {
    const shown = JSON.stringify(request, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && 'data' in value
        ? Buffer.from(value.data as number[]).toString('latin1')
        : value,
    );
    throw new Error(`${shown.slice(0, 2000)} was answered ${answer.status} ${answer.text.slice(0, 1000)}`, {
      cause,
    });
  }
}

async function inParallel<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = list.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

function send(port: number, agent: Agent, { method, path, headers, body }: FuzzRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest({ port, agent, method, path, headers: { ...headers, ...length } });
    request.on('error', (error) => reject(new Error(`${method} ${path} was not answered`, { cause: error })));
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString(),
        });
      });
    });
    request.end(body);
  });
}
