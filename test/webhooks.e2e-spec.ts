import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../src/app.js';
import { ConfigError, loadConfig } from '../src/common/config/config.js';
import { JobEngine } from '../src/jobs/job-engine.js';
import { newJobId } from '../src/jobs/job-id.js';
import { Peer } from './support/peer.js';
import { expectNoLeak, expectProblem, paths } from './support/problem.js';
import { addSumJobs, Gates, type JobBody, sumClient } from './support/sum-jobs.js';
import { useApp } from './support/test-app.js';
import { WORKER_ENTRY } from './support/worker-entry.js';

const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const SECRET = `whsec_${KEY.toString('base64')}`;

/** A message as its receiver saw it. */
interface Message {
  readonly id: string;
  /** By its signature and its time. */
  readonly isGenuine: boolean;
  readonly body: JobBody;
}

/** Somebody who is told of jobs, and answers each message by what `statuses` says for it, then with 204. */
class Receiver {
  readonly messages: Message[] = [];
  statuses: (number | 'hang up')[] = [];
  #told = Promise.withResolvers<void>();

  private constructor(readonly peer: Peer) {}

  static async start(): Promise<Receiver> {
    const peer = await Peer.start();
    const receiver = new Receiver(peer);
    peer.answer = (request, response, body) => {
      const {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signature,
      } = request.headers;
      const signed = createHmac('sha256', KEY)
        .update(`${String(id)}.${String(timestamp)}.${body}`)
        .digest('base64');
      const isGenuine = signature === `v1,${signed}` && Math.abs(Number(timestamp) - Date.now() / 1000) < 300;
      receiver.messages.push({ id: String(id), isGenuine, body: JSON.parse(body) as JobBody });
      const status = receiver.statuses.shift() ?? 204;
      if (status === 'hang up') request.socket.destroy();
      else response.writeHead(status, status === 302 ? { Location: `${peer.url}/elsewhere` } : {}).end();
      receiver.#told.resolve();
    };
    return receiver;
  }

  async received(count: number): Promise<void> {
    while (this.messages.length < count) {
      await this.#told.promise;
      this.#told = Promise.withResolvers();
    }
  }
}

const gates = new Gates();
let receiver: Receiver;
const env: Record<string, string> = { WEBHOOK_SECRET: SECRET };
beforeAll(async () => {
  receiver = await Receiver.start();
  env['WEBHOOK_HOSTS'] = receiver.peer.host;
});
afterAll(() => receiver.peer.close());
afterEach(() => {
  receiver.messages.length = 0;
  receiver.peer.requests.length = 0;
});

describe('webhooks', () => {
  const app = useApp({}, env, (nest) => addSumJobs(nest, gates));
  const { made, ended, submit } = sumClient(app);
  const url = (path = '/told?token=hidden'): string => receiver.peer.url + path;
  const deliveries = async (): Promise<JobBody[]> =>
    ((await app.request().get('/jobs?type=webhook').expect(200)).body as { jobs: JobBody[] }).jobs;

  it('tell that a job has ended, again and again until it is heard', async () => {
    receiver.statuses = [500, 'hang up'];
    const id = await made({ numbers: [1] }, { webhook: url() });
    await receiver.received(3);
    const [first, ...others] = receiver.messages;
    expect(first.isGenuine).toBe(true);
    expect(first.body).toMatchObject({ id, type: 'sum', state: 'succeeded', webhook: receiver.peer.url });
    for (const other of others) expect(other).toEqual(first);
    expect(receiver.peer.requests[0]).toMatchObject({ method: 'POST', path: '/told?token=hidden' });
    const [delivery] = await deliveries();
    expect(delivery.id).toBe(first.id);
    expect(await ended(delivery.id)).toMatchObject({
      state: 'succeeded',
      attempt: 3,
      log: [
        'Attempt 1: the receiver answered 500.',
        expect.stringMatching(/^Attempt 2: the receiver could not be reached/),
      ],
    });
    const shown = JSON.stringify([await deliveries(), (await app.request().get(`/jobs/${id}`)).body]);
    expect(shown).not.toContain('hidden');
    expect(shown).not.toContain(KEY.toString('base64'));
    expectNoLeak(shown);
  });

  it('tell of every end: failed, sent again, cancelled', async () => {
    const id = await made({ numbers: [-1] }, { webhook: url() });
    await receiver.received(1);
    await app.request().post(`/jobs/${id}/retry`).expect(202);
    await receiver.received(2);
    const delayed = await made({ numbers: [1] }, { webhook: url(), delay: 1000 });
    await app.request().delete(`/jobs/${delayed}`).expect(200);
    await receiver.received(3);
    expect(receiver.messages.map(({ body }) => [body.id, body.state])).toEqual([
      [id, 'failed'],
      [id, 'failed'],
      [delayed, 'cancelled'],
    ]);
    expect(new Set(receiver.messages.map(({ id: message }) => message)).size).toBe(3);
  });

  it('do not follow a redirect, and end where the receiver wants no more', async () => {
    receiver.statuses = [302, 410];
    await made({ numbers: [1] }, { webhook: url() });
    await receiver.received(2);
    const [delivery] = await deliveries();
    expect(await ended(delivery.id)).toMatchObject({
      state: 'failed',
      attempt: 2,
      failure: { code: 'WEBHOOK_FAILED', message: expect.stringContaining('410') as string },
    });
    expect(receiver.peer.requests.map(({ path }) => path)).not.toContain('/elsewhere');
  });

  it('are no jobs that a client has asked for', async () => {
    await made({ numbers: [1] }, { webhook: url() });
    await receiver.received(1);
    const { body } = await app.request().get('/jobs?limit=200').expect(200);
    const { jobs, counts } = body as { jobs: JobBody[]; counts: Record<string, number> };
    expect(new Set(jobs.map(({ type }) => type))).toEqual(new Set(['sum']));
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(jobs.length);
  });

  it.each([
    'https://example.org/',
    'http://127.0.0.1:1/',
    'ftp://127.0.0.1/',
    'http://user:pass@127.0.0.1/',
    'javascript:alert(1)',
    '//127.0.0.1/',
  ])('go to no other host: %s', async (webhook) => {
    const response = await submit({ numbers: [1] }, { webhook });
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(['webhook']);
  });

  it('take no user name or password along', async () => {
    for (const user of ['user', ':pass', 'user:pass']) {
      const webhook = url().replace('//', `//${user}@`);
      const response = await submit({ numbers: [1] }, { webhook });
      expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(['webhook']);
    }
  });

  it('go to no host that is not allowed any more', async () => {
    const id = newJobId();
    const request = { url: url().replace('127.0.0.1', 'localhost'), body: '{}' };
    const job = { id, type: 'webhook', request, priority: 0, maxAttempts: 2, timeLimitSeconds: 9 };
    await app.get(JobEngine).create([job]);
    expect(await ended(id)).toMatchObject({
      state: 'failed',
      attempt: 1,
      failure: { code: 'WEBHOOK_FAILED', message: expect.stringContaining('not allowed any more') as string },
    });
    expect(receiver.messages).toEqual([]);
  });
});

describe('a server that comes back', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  it('tells of what ended right before, and of nothing older', { timeout: 60_000 }, async () => {
    folders.push(mkdtempSync(join(tmpdir(), 'kriged-data-')), mkdtempSync(join(tmpdir(), 'kriged-')));
    const [DATA_DIR, MODELS_DIR] = folders;
    const settings = {
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'silent',
      MODELS_DIR,
      DATA_DIR,
      JOBS_RETENTION_HOURS: '1',
    };
    const start = async (more: Record<string, string>) => {
      const app = await createApp(loadConfig({ ...settings, ...more }), WORKER_ENTRY);
      addSumJobs(app, gates);
      return app;
    };
    const engineOf = (app: Awaited<ReturnType<typeof start>>) => app.get<JobEngine>(JobEngine);

    // As if it had died between the job's end and the delivery: without hosts it makes none.
    const before = await start({});
    await before.listen(0, '127.0.0.1');
    const [id, old] = [newJobId(), newJobId()];
    const engine = engineOf(before);
    const job = {
      type: 'sum',
      request: { numbers: [2] },
      priority: 0,
      maxAttempts: 1,
      timeLimitSeconds: 9,
    };
    const webhook = `${receiver.peer.url}/late`;
    await engine.create([id, old].map((each) => ({ ...job, id: each, webhook })));
    for (const each of [id, old]) while ((await engine.find(each))?.state !== 'succeeded') await sleep(5);
    await before.close();
    const database = new DatabaseSync(join(DATA_DIR, 'jobs.db'));
    database.prepare('UPDATE jobs SET finished_at = finished_at - 3600001 WHERE id = ?').run(old);
    database.close();
    expect(receiver.messages).toEqual([]);

    for (let round = 0; round < 2; round++) {
      const after = await start(env);
      await after.listen(0, '127.0.0.1');
      await receiver.received(1);
      while (
        (await engineOf(after).list({ type: 'webhook', limit: 9 })).some(({ state }) => state !== 'succeeded')
      )
        await sleep(5);
      expect(await engineOf(after).list({ type: 'webhook', limit: 9 })).toHaveLength(1);
      await after.close();
    }
    expect(receiver.messages.map(({ body }) => body.id)).toEqual([id]);
  });

  it('does not start with hosts and without a secret, and never quotes one', async () => {
    const config = loadConfig({ WEBHOOK_HOSTS: 'a.example', DATA_DIR: folders[0], LOG_LEVEL: 'silent' });
    const app = await createApp(config, WORKER_ENTRY);
    await expect(app.init()).rejects.toThrow(/^WEBHOOK_SECRET is "", expected a secret/);
    await app.close().catch(() => undefined);
    const load = (): unknown => loadConfig({ WEBHOOK_SECRET: 'whsec_tooshort' });
    expect(load).toThrow(ConfigError);
    expect(load).not.toThrow(/tooshort/);
  });
});
