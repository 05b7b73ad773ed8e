import type { Response } from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobState } from '../src/jobs/job.js';
import { JobEngine } from '../src/jobs/job-engine.js';
import { newJobId } from '../src/jobs/job-id.js';
import { JOB_OPTION_NAMES } from '../src/jobs/job-options.js';
import { FuzzRandom } from './support/fuzz-random.js';
import { expectProblem, paths } from './support/problem.js';
import { addSumJobs, Gates, type JobBody, sumClient } from './support/sum-jobs.js';
import { useApp } from './support/test-app.js';
import { EventWatcher } from './support/watch-events.js';

const UNKNOWN = newJobId();
const gates = new Gates();
let gate = '';
beforeEach(() => {
  gate = newJobId();
});

describe('jobs', () => {
  const app = useApp({}, {}, (nest) => addSumJobs(nest, gates));

  const { submit, made, show, until, ended, running } = sumClient(app);

  describe('a request that makes a job', () => {
    it('is answered at once, and its job shows how far it is', async () => {
      const query = { priority: 7, timeLimit: 50, maxAttempts: 2 };
      const response = await submit({ numbers: [1, 2], gate }, query);
      expect(response.status).toBe(202);
      const { id } = response.body as JobBody;
      expect(response.headers).toMatchObject({ location: `/jobs/${id}`, 'retry-after': '1' });
      expect(await running(id)).toMatchObject({
        type: 'sum',
        attempt: 1,
        maxAttempts: 2,
        priority: 7,
        timeLimit: 50,
        requestedBy: expect.stringContaining('127.0.0.1') as string,
        links: { self: `/jobs/${id}`, result: `/jobs/${id}/result`, events: `/jobs/${id}/events` },
      });
      const job = await until(id, ({ log }) => (log as string[]).length === 2);
      expect(job).toMatchObject({
        progress: { done: 2, total: 2, fraction: 1, message: 'adding' },
        estimatedEnd: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        log: ['1 added', '2 added'],
      });
      gates.open(gate);
      const end = await ended(id);
      expect(end).toMatchObject({ state: 'succeeded', finishedAt: expect.any(String) as string });
      expect(end.estimatedEnd).toBeUndefined();
    });

    it('waits as the client prefers, for a job that ends in time', async () => {
      const response = await submit({ numbers: [1] }, {}, { Prefer: 'respond-async, wait=30' });
      expect(response.status).toBe(200);
      expect(response.body).toMatchObject({ state: 'succeeded' });
      expect(response.headers['preference-applied']).toBe('respond-async, wait=30');
      expect(response.headers['retry-after']).toBeUndefined();
    });

    it('waits no longer than the client prefers', async () => {
      const response = await submit({ numbers: [1], gate }, {}, { Prefer: 'wait=1' });
      expect(response.status).toBe(202);
      expect(response.headers['preference-applied']).toBe('wait=1');
      gates.open(gate);
      await ended((response.body as JobBody).id);
    });

    it('starts it later where that is asked for', async () => {
      const time = { startAfter: new Date(Date.now() + 3_600_000).toISOString() };
      const delayed = await made({ numbers: [] }, { delay: 3600 });
      const timed = await made({ numbers: [] }, time);
      expect(await show(timed)).toMatchObject({ state: 'queued', ...time });
      expect((await show(delayed)).state).toBe('queued');
      for (const id of [delayed, timed]) await app.request().delete(`/jobs/${id}`).expect(200);
    });
  });

  describe('an idempotency key', () => {
    it('means one job, however often and at once it comes', async () => {
      const headers = { 'Idempotency-Key': newJobId() };
      const send = (): Promise<Response> => submit({ numbers: [3], gate }, { delay: 0 }, headers);
      const responses = await Promise.all(Array.from({ length: 10 }, send));
      const { id } = responses[0].body as JobBody;
      for (const { status, body, headers: answered } of responses) {
        expect([status, (body as JobBody).id, answered['location']]).toEqual([202, id, `/jobs/${id}`]);
      }
      gates.open(gate);
      await ended(id);
      const late = await submit({ gate, numbers: [3] }, { delay: '00' }, headers);
      expect(late.status).toBe(200);
      expect(late.headers['location']).toBe(`/jobs/${id}`);
    });

    it.each<[string, object, object]>([
      ['another body', { numbers: [4] }, {}],
      ['another option', { numbers: [3] }, { priority: 1 }],
    ])('is refused with %s', async (_what, body, query) => {
      const headers = { 'Idempotency-Key': newJobId() };
      await submit({ numbers: [3] }, {}, headers);
      const problem = expectProblem(await submit(body, query, headers), 422, 'IDEMPOTENCY_KEY_REUSED');
      expect(problem['field']).toBe('Idempotency-Key');
    });
  });

  it('refuses every wrong option by its name', async () => {
    const random = new FuzzRandom(51);
    const wrong = [
      '',
      'x',
      '-',
      '1e99',
      '9'.repeat(30),
      'NaN',
      '2030-99-01T00:00:00Z',
      '-1e3',
      'ftp://a',
      '\u0000',
      'ä',
    ];
    const fine = { priority: '1', delay: '0', timeLimit: '10', maxAttempts: '1' };
    for (let round = 0; round < 60; round++) {
      const names = JOB_OPTION_NAMES.filter(() => random.chance(1 / 3));
      const bad = Object.fromEntries(names.map((name) => [name, random.pick(wrong)]));
      if (names.length === 0) continue;
      const problem = expectProblem(await submit({ numbers: [] }, { ...fine, ...bad }), 400, 'INVALID_INPUT');
      expect(new Set(paths(problem)), JSON.stringify(bad)).toEqual(new Set(names));
    }
    const long = await submit({ numbers: [] }, {}, { 'Idempotency-Key': 'k'.repeat(256) });
    expect(paths(expectProblem(long, 400, 'INVALID_INPUT'))).toEqual(['Idempotency-Key']);
    const host = await submit({ numbers: [] }, { webhook: 'https://example.org/' });
    expect(paths(expectProblem(host, 400, 'INVALID_INPUT'))).toEqual(['webhook']);
  });

  describe('GET /jobs', () => {
    it('pages through all jobs of a state and a type, newest first', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.push(await made({ numbers: [] }, { delay: 1000 }));
      const seen: string[] = [];
      let next: string | null = '/jobs?state=queued&type=sum&limit=2';
      while (next !== null) {
        const { body, headers } = await app.request().get(next).expect(200);
        const page = body as { jobs: JobBody[]; next: string | null; counts: Record<JobState, number> };
        expect(page.counts.queued).toBe(5);
        expect(headers['link']).toBe(page.next === null ? undefined : `<${page.next}>; rel="next"`);
        seen.push(...page.jobs.map(({ id }) => id));
        next = page.next;
      }
      expect(seen).toEqual(ids.toReversed());
      for (const id of ids) await app.request().delete(`/jobs/${id}`).expect(200);
      const { body } = await app.request().get('/jobs?state=cancelled&limit=200').expect(200);
      expect((body as { jobs: JobBody[] }).jobs.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    });

    it('has the parts of a job where they are asked for, and only then', async () => {
      const parent = await made({ numbers: [1], gate });
      await running(parent);
      const part = { id: newJobId(), type: 'sum', request: { numbers: [2] }, parent, priority: 0 };
      await app.get<JobEngine>(JobEngine).create([{ ...part, maxAttempts: 1, timeLimitSeconds: 9 }]);
      const ids = async (query: object): Promise<string[]> =>
        ((await app.request().get('/jobs').query(query)).body as { jobs: JobBody[] }).jobs.map(
          ({ id }) => id,
        );
      expect(await ids({ parent })).toEqual([part.id]);
      expect(await ids({})).not.toContain(part.id);
      gates.open(gate);
      await ended(parent);
    });

    it.each([
      'state=done',
      'type=a b',
      'parent=1',
      'before=x',
      'limit=0',
      'limit=201',
      'limit=1&limit=2',
      'page=2',
    ])('refuses ?%s by its name', async (query) => {
      const problem = expectProblem(await app.request().get(`/jobs?${query}`), 400, 'INVALID_INPUT');
      expect(paths(problem)).toEqual([query.split('=')[0]]);
    });
  });

  describe('GET /jobs/{id}/result', () => {
    it('is what the job type writes, by Accept', async () => {
      const id = await made({ numbers: [1, 2.5] });
      await ended(id);
      const json = await app.request().get(`/jobs/${id}/result`).expect(200);
      expect(json.body).toEqual({ sum: 3.5 });
      const csv = await app.request().get(`/jobs/${id}/result`).set('Accept', 'text/csv').expect(200);
      expect(csv.headers).toMatchObject({ 'content-type': 'text/csv', 'content-length': '8' });
      expect(csv.text).toBe('sum\n3.5\n');
      const head = await app.request().head(`/jobs/${id}/result`).set('Accept', 'text/csv').expect(200);
      expect(head.headers['content-length']).toBe('8');
      const image = await app.request().get(`/jobs/${id}/result`).set('Accept', 'image/png');
      expectProblem(image, 406, 'NOT_ACCEPTABLE');
    });

    it('is not there yet while the job is under way', async () => {
      const id = await made({ numbers: [1], gate });
      await running(id);
      const response = await app.request().get(`/jobs/${id}/result`);
      expect(expectProblem(response, 409, 'JOB_NOT_FINISHED')['state']).toBe('running');
      expect(response.headers['retry-after']).toBe('1');
      gates.open(gate);
      await ended(id);
      const later = await made({ numbers: [1] }, { delay: 30 });
      const queued = await app.request().get(`/jobs/${later}/result`);
      expectProblem(queued, 409, 'JOB_NOT_FINISHED');
      expect(Number(queued.headers['retry-after'])).toBeGreaterThan(1);
      await app.request().delete(`/jobs/${later}`).expect(200);
      expectProblem(await app.request().get(`/jobs/${later}/result`), 409, 'JOB_CANCELLED');
    });

    it('is the failure of a job that failed, told as any other', async () => {
      const refused = await made({ numbers: [1, -2] });
      expect(await ended(refused)).toMatchObject({ state: 'failed', failure: { code: 'NEGATIVE' } });
      const problem = expectProblem(await app.request().get(`/jobs/${refused}/result`), 422, 'NEGATIVE');
      expect(problem).toMatchObject({ least: 0, detail: '-2 is negative, expected at least 0.' });
      const broken = await made({ numbers: [null] }, { maxAttempts: 1 });
      await ended(broken);
      const response = await app.request().get(`/jobs/${broken}/result`);
      expectProblem(response, 500, 'INTERNAL_ERROR');
      expect(response.text).not.toContain('a secret of the server');
    });
  });

  describe('DELETE /jobs/{id}', () => {
    it('stops a running job, and says when it has', async () => {
      const id = await made({ numbers: [1], gate });
      await running(id);
      const response = await app.request().delete(`/jobs/${id}`).expect(202);
      expect(response.headers['location']).toBe(`/jobs/${id}`);
      expect(response.body).toMatchObject({ state: 'running', cancelRequested: true });
      expect(await ended(id)).toMatchObject({ state: 'cancelled' });
      await app.request().delete(`/jobs/${id}`).expect(200);
    });

    it('refuses a job that has ended otherwise', async () => {
      const id = await made({ numbers: [1] });
      await ended(id);
      const problem = expectProblem(await app.request().delete(`/jobs/${id}`), 409, 'JOB_ENDED');
      expect(problem['state']).toBe('succeeded');
    });
  });

  describe('POST /jobs/{id}/retry', () => {
    it('sends a failed job again', async () => {
      const id = await made({ numbers: [-1] });
      await ended(id);
      const events = new EventWatcher(app.port, `/jobs/${id}/events`);
      await events.ended;
      const response = await app.request().post(`/jobs/${id}/retry`).expect(202);
      expect(response.headers['location']).toBe(`/jobs/${id}`);
      expect(await ended(id)).toMatchObject({ state: 'failed', attempt: 1 });
      const again = new EventWatcher(app.port, `/jobs/${id}/events`);
      await again.ended;
      const states = again.events.filter(({ event }) => event === 'state').map(({ data }) => data['state']);
      expect(states).toEqual(['queued', 'running', 'failed', 'queued', 'running', 'failed']);
    });

    it('refuses others', async () => {
      const id = await made({ numbers: [1], gate });
      await running(id);
      const now = await app.request().post(`/jobs/${id}/retry`);
      expect(expectProblem(now, 409, 'JOB_NOT_RETRYABLE')['state']).toBe('running');
      gates.open(gate);
      await ended(id);
      expectProblem(await app.request().post(`/jobs/${id}/retry`), 409, 'JOB_NOT_RETRYABLE');
    });
  });

  it.each([UNKNOWN, 'x', '%00', 'a'.repeat(5000), '..%2f..%2fetc', UNKNOWN.toUpperCase()])(
    'knows no job %s',
    async (id) => {
      for (const path of ['', '/result', '/events']) {
        expectProblem(await app.request().get(`/jobs/${id}${path}`), 404, 'JOB_NOT_FOUND');
      }
      expectProblem(await app.request().delete(`/jobs/${id}`), 404, 'JOB_NOT_FOUND');
      expectProblem(await app.request().post(`/jobs/${id}/retry`), 404, 'JOB_NOT_FOUND');
    },
  );

  it.each([
    ['/jobs', 'GET, HEAD'],
    [`/jobs/${UNKNOWN}`, 'DELETE, GET, HEAD'],
    [`/jobs/${UNKNOWN}/result`, 'GET, HEAD'],
    [`/jobs/${UNKNOWN}/events`, 'GET, HEAD'],
    [`/jobs/${UNKNOWN}/retry`, 'POST'],
  ])('%s says which methods it takes', async (path, allow) => {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      if (allow.toLowerCase().includes(method)) continue;
      const response = await app.request()[method](path);
      expectProblem(response, 405, 'METHOD_NOT_ALLOWED');
      expect(response.headers['allow']).toBe(allow);
    }
  });
});
