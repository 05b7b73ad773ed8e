import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReadyEntry } from '../src/models/model-entry.js';
import { ModelRegistry } from '../src/models/model-registry.js';
import { expectProblem } from './support/problem.js';
import { golden, type TestApp, useApp } from './support/test-app.js';

const ISO = golden('gpy/rbf-iso.pkl');
const OTHER = golden('gpy/matern52-ard.pkl');
const iso = readFileSync(ISO.copyOf);
const isoExpected = answerOf('rbf-iso');
const otherExpected = answerOf('matern52-ard');

interface Expected {
  readonly X_test: number[][];
  readonly mean: number[][];
  readonly variance_observed: number[][];
}

function answerOf(name: string): { x: number[]; mean: number; variance: number } {
  const file = golden(`gpy/${name}.expected.json`).copyOf;
  const { X_test, mean, variance_observed } = JSON.parse(readFileSync(file, 'utf8')) as Expected;
  return { x: X_test[0], mean: mean[0][0], variance: variance_observed[0][0] };
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Asks until `accept` is content: a change on disk is taken up within moments. */
async function eventually<T>(ask: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 20_000; ;) {
    const value = await ask();
    if (accept(value) || Date.now() > deadline) return value;
    await sleep(50);
  }
}

async function versionsOf(app: TestApp, name: string): Promise<string[]> {
  const { body } = await app.request().get('/models');
  const models = body.models as { name: string; version: string; state: string }[];
  return models
    .filter((model) => model.name === name && model.state === 'ready')
    .map(({ version }) => version);
}

async function meanOf(app: TestApp, path: string, x = isoExpected.x): Promise<number> {
  const { body } = await app.request().post(`${path}/predict`).send([x]).expect(200);
  return body.mean as number;
}

describe('a change in the models folder', () => {
  const app = useApp({ 'first.pkl': ISO });

  it('is taken up: a new file, a changed file, a removed file', async () => {
    cpSync(OTHER.copyOf, join(app.folder, 'second.pkl'));
    expect(
      await eventually(
        () => versionsOf(app, 'second'),
        ({ length }) => length === 1,
      ),
    ).toEqual(['1']);
    expect(await meanOf(app, '/models/second', otherExpected.x)).toBeCloseTo(otherExpected.mean, 8);

    cpSync(ISO.copyOf, join(app.folder, 'second.pkl'));
    const changed = await eventually(
      () => app.request().get('/models/second'),
      ({ body }) => body.file.sha256 === sha256(iso),
    );
    expect(changed.body.file.sha256).toBe(sha256(iso));
    expect(await meanOf(app, '/models/second')).toBeCloseTo(isoExpected.mean, 8);

    rmSync(join(app.folder, 'second.pkl'));
    expect(
      await eventually(
        () => versionsOf(app, 'second'),
        ({ length }) => length === 0,
      ),
    ).toEqual([]);
    await app.request().post('/models/second/predict').send([isoExpected.x]).expect(404);
  });

  it('never replaces what serves by what does not load, and says why', async () => {
    writeFileSync(join(app.folder, 'first.pkl'), iso.subarray(0, 1000));
    const { body } = await eventually(
      () => app.request().get('/models/first'),
      (answer) => answer.body.refused !== undefined,
    );
    expect(body).toMatchObject({ state: 'ready', refused: expect.stringMatching(/\w{4}.*\./) });
    expect(await meanOf(app, '/models/first')).toBeCloseTo(isoExpected.mean, 8);
    writeFileSync(join(app.folder, 'first.pkl'), iso);
    const mended = await eventually(
      () => app.request().get('/models/first'),
      (answer) => answer.body.refused === undefined,
    );
    expect(mended.body.refused).toBeUndefined();
  });

  it('is a file that is not whole yet: it is taken when it is', async () => {
    const path = join(app.folder, 'slow.pkl');
    for (let at = 0; at < iso.length; at += Math.ceil(iso.length / 5)) {
      writeFileSync(path, iso.subarray(at, at + Math.ceil(iso.length / 5)), { flag: 'a' });
      await sleep(60);
    }
    expect(
      await eventually(
        () => versionsOf(app, 'slow'),
        ({ length }) => length === 1,
      ),
    ).toEqual(['1']);
  });

  it('is found when a request asks for it, before anybody has told', async () => {
    mkdirSync(join(app.folder, '.new/1'), { recursive: true });
    writeFileSync(join(app.folder, '.new/1/model.pkl'), iso);
    writeFileSync(join(app.folder, '.new/1/.uploaded'), '');
    await sleep(400);
    renameSync(join(app.folder, '.new'), join(app.folder, 'quick'));
    expect(await meanOf(app, '/models/quick')).toBeCloseTo(isoExpected.mean, 8);
  });

  it('may be a hand-written alias', async () => {
    mkdirSync(join(app.folder, 'hand/1'), { recursive: true });
    mkdirSync(join(app.folder, 'hand/2'), { recursive: true });
    writeFileSync(join(app.folder, 'hand/1/model.pkl'), iso);
    cpSync(OTHER.copyOf, join(app.folder, 'hand/2/model.pkl'));
    writeFileSync(join(app.folder, 'hand/aliases.json'), '{"production": "1"}');
    await eventually(
      () => versionsOf(app, 'hand'),
      ({ length }) => length === 2,
    );
    const { body } = await eventually(
      () => app.request().get('/models/hand/versions'),
      (answer) => answer.body.default === '1',
    );
    expect(body).toMatchObject({ default: '1', aliases: { production: '1' } });
    writeFileSync(join(app.folder, 'hand/aliases.json'), '{"production": 1');
    await sleep(500);
    expect(await meanOf(app, '/models/hand')).toBeCloseTo(isoExpected.mean, 8);
  });
});

describe('model.json', () => {
  const check = { inputs: isoExpected.x, mean: isoExpected.mean, variance: [isoExpected.variance] };
  const inputs = isoExpected.x.map((_, index) => ({
    name: ['speed', 'load'][index] ?? `input${index}`,
    unit: 'm/s',
    lower: -10,
    upper: 10,
    description: 'One of the inputs',
  }));
  const about = {
    title: 'A title',
    description: 'Text',
    inputs,
    outputs: [{ name: 'drag', unit: 'N' }],
    checks: [check],
    options: { credibleInterval: 90 },
    provenance: { author: 'somebody' },
  };
  const app = useApp({
    'flat.pkl': ISO,
    'flat.model.json': JSON.stringify(about),
    'deep/1/model.pkl': ISO,
    'deep/1/model.json': JSON.stringify({ checks: [{ ...check, mean: isoExpected.mean + 1e-3 }] }),
    'odd/1/model.pkl': ISO,
    'odd/1/model.json': '{"inputs": [{"name": "a", "lower": "low"}]}',
    'few/1/model.pkl': ISO,
    'few/1/model.json': '{"outputs": [{"name": "a"}, {"name": "b"}]}',
  });

  it('names inputs and outputs, and says what the model is for', async () => {
    const { body } = await app.request().get('/models/flat').expect(200);
    expect(body).toMatchObject({
      title: 'A title',
      about: { title: 'A title', description: 'Text', provenance: { author: 'somebody' } },
      inputs,
      outputs: [{ name: 'drag', unit: 'N', kind: 'real' }],
      checks: 1,
    });
  });

  it('lets rows be given by those names, in any order, and its options be the default', async () => {
    const row = Object.fromEntries(inputs.map(({ name }, index) => [name, isoExpected.x[index]]).reverse());
    const { body } = await app.request().post('/models/flat/predict').send(row).expect(200);
    expect(body.mean).toBeCloseTo(isoExpected.mean, 8);
    expect(body.credibleInterval).toBeDefined();
    const wrong = await app.request().post('/models/flat/predict').send({ x1: 1 });
    expectProblem(wrong, 400, 'INVALID_INPUT');
  });

  it.each([
    ['deep', /Check 1 of 1 fails: the mean is .* expected/],
    ['odd', /^model\.json: inputs\[0\]\.lower is the string "low": expected number\.$/],
    ['few', /^model\.json: outputs has 2 entries, but the model has 1 outputs\.$/],
  ])('keeps %s from being served where the model does not do what it says', async (name, reason) => {
    const { body } = await app.request().get(`/models/${name}`).expect(200);
    expect(body).toMatchObject({ state: 'failed', reason: expect.stringMatching(reason) });
    expectProblem(
      await app.request().post(`/models/${name}/predict`).send([isoExpected.x]),
      409,
      'MODEL_NOT_LOADED',
    );
  });

  it('has a schema for editors', async () => {
    const { body } = await app.request().get('/schemas/model.schema.json').expect(200);
    expect(body.properties).toHaveProperty('checks');
  });
});

describe('POST /models/<name>', () => {
  const app = useApp({ 'there.pkl': ISO });
  const uploads = (): string[] => {
    try {
      return readdirSync(join(app.folder, '.uploads'));
    } catch {
      return [];
    }
  };

  it('takes in a first version, then the next, then serves what production means', async () => {
    const first = await app
      .request()
      .post('/models/fresh')
      .attach('file', iso, 'C:\\models\\my model.v2.PKL')
      .expect(201);
    expect(first.headers.location).toBe('/models/fresh/versions/1');
    expect(first.body).toMatchObject({
      name: 'fresh',
      version: '1',
      state: 'ready',
      file: { sha256: sha256(iso) },
    });
    expect(readFileSync(join(app.folder, 'fresh/1/model.pkl'))).toEqual(iso);

    const second = await app.request().post('/models/fresh').attach('file', OTHER.copyOf).expect(201);
    expect(second.body).toMatchObject({ version: '2', versions: ['2', '1'] });
    expect(await meanOf(app, '/models/fresh', otherExpected.x)).toBeCloseTo(otherExpected.mean, 8);

    const moved = await app.request().put('/models/fresh/aliases/production').send({ version: '1' });
    expect(moved.body).toEqual({ alias: 'production', version: '1', previous: [] });
    expect(await meanOf(app, '/models/fresh')).toBeCloseTo(isoExpected.mean, 8);
    expect(await meanOf(app, '/models/fresh/versions/production')).toBeCloseTo(isoExpected.mean, 8);
    expect(await meanOf(app, `/models/fresh/versions/sha256:${sha256(iso)}`)).toBeCloseTo(
      isoExpected.mean,
      8,
    );
    expect(uploads()).toEqual([]);
  });

  it('knows a file that it has: the same version, nothing new', async () => {
    const again = await app.request().post('/models/fresh').attach('file', iso, 'x.pkl').expect(200);
    expect(again.body.version).toBe('1');
    expect(await versionsOf(app, 'fresh')).toEqual(['2', '1']);
  });

  it('takes a version by name, a manifest, and an alias that moves with it', async () => {
    const { body } = await app
      .request()
      .post('/models/fresh')
      .field('version', 'v7')
      .field('alias', 'staging')
      .field('manifest', JSON.stringify({ title: 'Seven' }))
      .attach('file', iso, 'x.pkl')
      .expect(201);
    expect(body).toMatchObject({ version: 'v7', title: 'Seven', aliases: ['staging'] });
    const clash = await app
      .request()
      .post('/models/fresh')
      .field('version', 'v7')
      .attach('file', OTHER.copyOf);
    expectProblem(clash, 409, 'VERSION_EXISTS');
    const alias = await app
      .request()
      .post('/models/fresh')
      .field('version', 'staging')
      .attach('file', OTHER.copyOf);
    expectProblem(alias, 409, 'ALIAS_IS_VERSION');
  });

  it('goes on after a model that is a single file', async () => {
    const { body } = await app.request().post('/models/there').attach('file', OTHER.copyOf).expect(201);
    expect(body).toMatchObject({ version: '2', versions: ['2', '1'] });
  });

  it.each<[string, number, string, (app: TestApp) => Promise<unknown>]>([
    ['no model', 422, 'MODEL_FILE_REFUSED', (to) => to.request().post('/models/there').attach('file', Buffer.from('text'), 'a.pkl')],
    ['a failing check', 422, 'MODEL_FILE_REFUSED', (to) => to.request().post('/models/there').field('manifest', JSON.stringify({ checks: [{ inputs: isoExpected.x, mean: 1e6 }] })).attach('file', iso, 'a.pkl')],
    ['a manifest that is none', 422, 'MODEL_FILE_REFUSED', (to) => to.request().post('/models/there').field('manifest', '{').attach('file', iso, 'a.pkl')],
    ['no file', 400, 'INVALID_INPUT', (to) => to.request().post('/models/there').field('version', '1')],
    ['an unknown field', 400, 'INVALID_INPUT', (to) => to.request().post('/models/there').field('vers', '1').attach('file', iso, 'a.pkl')],
    ['no form', 400, 'INVALID_INPUT', (to) => to.request().post('/models/there').set('Content-Type', 'application/octet-stream').send(iso)],
    ['a form without a boundary', 400, 'INVALID_INPUT', (to) => to.request().post('/models/there').set('Content-Type', 'multipart/form-data').send('x')],
    ['a form that breaks off', 400, 'INVALID_INPUT', (to) => to.request().post('/models/there').set('Content-Type', 'multipart/form-data; boundary=x').send('--x\r\nContent-Disposition: form-data; name="file"; filename="a.pkl"\r\n\r\nabc')],
    ['a version given twice', 400, 'INVALID_INPUT', (to) => to.request().post('/models/there').field('version', '8').field('version', '9').attach('file', iso, 'a.pkl')],
    ['a bad name', 400, 'INVALID_NAME', (to) => to.request().post('/models/..%2Fx').attach('file', iso, 'a.pkl')],
    ['a hidden name', 400, 'INVALID_NAME', (to) => to.request().post('/models/.uploads').attach('file', iso, 'a.pkl')],
    ['a bad version', 400, 'INVALID_NAME', (to) => to.request().post('/models/there').field('version', '../../etc').attach('file', iso, 'a.pkl')],
    ['an alias that is a version', 409, 'ALIAS_IS_VERSION', (to) => to.request().post('/models/there').field('alias', '1').attach('file', golden('gpy/cosine.pkl').copyOf)],
    ['an alias that is its own version', 409, 'ALIAS_IS_VERSION', (to) => to.request().post('/models/there').field('version', 'v9').field('alias', 'v9').attach('file', golden('gpy/cosine.pkl').copyOf)],
    ['a bad alias', 400, 'INVALID_NAME', (to) => to.request().post('/models/there').field('alias', 'a/b').attach('file', iso, 'a.pkl')],
  ])('refuses %s, and nothing changes', async (_what, status, code, send) => {
    const before = await app.request().get('/models');
    expectProblem((await send(app)) as Parameters<typeof expectProblem>[0], status, code);
    expect((await app.request().get('/models')).body).toEqual(before.body);
    expect(uploads()).toEqual([]);
  }); // prettier-ignore
});

describe('aliases, rollback and deletion', () => {
  const app = useApp({
    'many/1/model.pkl': ISO,
    'many/2/model.pkl': OTHER,
    'many/3/model.pkl': ISO,
    'many/4/model.pkl': 'broken',
    'single.pkl': ISO,
    'single.model.json': '{"title": "Single"}',
  });
  const production = async (): Promise<string> =>
    (await app.request().get('/models/many/versions').expect(200)).body.default as string;

  beforeEach(async () => {
    await app.request().delete('/models/many/aliases/production');
  });

  it('rolls back step by step, by what an alias meant before, then by number', async () => {
    expect(await production()).toBe('3');
    for (const version of ['1', '3', '2']) {
      await app.request().put('/models/many/aliases/production').send({ version }).expect(200);
    }
    for (const expected of ['3', '1']) {
      const { body } = await app.request().post('/models/many/rollback').expect(200);
      expect(body).toMatchObject({ alias: 'production', version: expected });
      expect(await production()).toBe(expected);
    }
    expectProblem(await app.request().post('/models/many/rollback'), 409, 'NO_EARLIER_VERSION');
  });

  it('rolls back a model without aliases to the next lower version', async () => {
    const { body } = await app.request().post('/models/many/rollback').send({}).expect(200);
    expect(body).toEqual({ alias: 'production', version: '2', previous: [] });
    expect(await production()).toBe('2');
  });

  it.each<[string, number, string, (to: TestApp) => Promise<unknown>]>([
    ['an alias for a version that is not', 404, 'MODEL_VERSION_NOT_FOUND', (to) => to.request().put('/models/many/aliases/a').send({ version: '9' })],
    ['an alias for a version that does not load', 409, 'MODEL_NOT_LOADED', (to) => to.request().put('/models/many/aliases/a').send({ version: '4' })],
    ['an alias that is a version', 409, 'ALIAS_IS_VERSION', (to) => to.request().put('/models/many/aliases/1').send({ version: '2' })],
    ['an alias without a version', 400, 'INVALID_INPUT', (to) => to.request().put('/models/many/aliases/a').send({})],
    ['a body that is no JSON', 400, 'MALFORMED_BODY', (to) => to.request().put('/models/many/aliases/a').set('Content-Type', 'application/json').send('{')],
    ['an alias of no model', 404, 'MODEL_NOT_FOUND', (to) => to.request().put('/models/nope/aliases/a').send({ version: '1' })],
    ['to delete an alias that is not', 404, 'ALIAS_NOT_FOUND', (to) => to.request().delete('/models/many/aliases/nope')],
    ['to roll back an alias that is not', 404, 'ALIAS_NOT_FOUND', (to) => to.request().post('/models/many/rollback').send({ alias: 'nope' })],
    ['to delete no model', 404, 'MODEL_NOT_FOUND', (to) => to.request().delete('/models/nope')],
    ['to delete no version', 404, 'MODEL_VERSION_NOT_FOUND', (to) => to.request().delete('/models/many/versions/9')],
  ])('refuses %s', async (_what, status, code, send) => {
    expectProblem((await send(app)) as Parameters<typeof expectProblem>[0], status, code);
  }); // prettier-ignore

  it('deletes a version unless an alias means it', async () => {
    await app.request().put('/models/many/aliases/old').send({ version: '1' }).expect(200);
    expectProblem(await app.request().delete('/models/many/versions/1'), 409, 'VERSION_IN_USE');
    await app.request().delete('/models/many/aliases/old').expect(204);
    await app.request().delete('/models/many/versions/1').expect(204);
    expect(readdirSync(join(app.folder, 'many')).sort()).not.toContain('1');
    await app.request().post('/models/many/versions/1/predict').send([isoExpected.x]).expect(404);
    expect(await versionsOf(app, 'many')).toEqual(['3', '2']);
  });

  it('never gives the number of a deleted version to another', async () => {
    const upload = async (file: string, title: string): Promise<unknown> => {
      const { body } = await app
        .request()
        .post('/models/again')
        .field('manifest', JSON.stringify({ title }))
        .attach('file', file);
      return body.version;
    };
    expect(await upload(ISO.copyOf, 'a')).toBe('1');
    expect(await upload(OTHER.copyOf, 'b')).toBe('2');
    await app.request().delete('/models/again/versions/2').expect(204);
    await app.request().delete('/models/again/versions/1').expect(204);
    await app.request().get('/models/again').expect(404);
    expect(await upload(ISO.copyOf, 'c')).toBe('3');
    await app.request().delete('/models/again').expect(204);
  });

  it('deletes a model that is a single file, its manifest too, and one that is a folder', async () => {
    await app.request().delete('/models/single').expect(204);
    await app.request().delete('/models/many').expect(204);
    expect(readdirSync(app.folder).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect((await app.request().get('/models')).body.models).toEqual([]);
  });
});

describe('MODELS_API=read-only', () => {
  const app = useApp({ 'a.pkl': ISO }, { MODELS_API: 'read-only' });

  it('refuses every change', async () => {
    expectProblem(await app.request().post('/models/b').attach('file', iso, 'b.pkl'), 403, 'READ_ONLY');
    expectProblem(await app.request().put('/models/a/aliases/b').send({ version: '1' }), 403, 'READ_ONLY');
    expectProblem(await app.request().post('/models/a/rollback'), 403, 'READ_ONLY');
    expectProblem(await app.request().delete('/models/a'), 403, 'READ_ONLY');
    expectProblem(await app.request().delete('/models/a/versions/1'), 403, 'READ_ONLY');
  });
});

describe('MODEL_LOADING=lazy and a small MODEL_CACHE_BYTES', () => {
  const app = useApp(
    { 'a.pkl': golden('gpy/rbf-iso.pkl'), 'b.pkl': OTHER, 'c.pkl': 'broken' },
    { MODEL_LOADING: 'lazy', MODEL_CACHE_BYTES: '1048576' },
  );

  it('loads a model when it is first asked for, and says what is wrong with it then', async () => {
    const { body } = await app.request().get('/models').expect(200);
    expect((body.models as { state: string }[]).map(({ state }) => state)).toEqual(Array(3).fill('unloaded'));
    expect(await meanOf(app, '/models/a')).toBeCloseTo(isoExpected.mean, 8);
    expect((await app.request().get('/models/a')).body.state).toBe('ready');
    expectProblem(await app.request().post('/models/c/predict').send([1]), 409, 'MODEL_NOT_LOADED');
    expect((await app.request().get('/models/c')).body.state).toBe('failed');
    expect((await app.request().get('/models/b')).body.state).toBe('unloaded');
  });

  it('tells a request that began before its version went, and was out of memory, that it is gone', async () => {
    await app.request().post('/models/d').attach('file', iso, 'd.pkl').expect(201);
    const { model } = app.get(ModelRegistry).get('d', '1') as ReadyEntry;
    await app.request().delete('/models/d').expect(204);
    model.unload();
    await expect(model.use(() => undefined)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'MODEL_NOT_LOADED',
      details: { model: 'd', version: '1', reason: expect.stringContaining('ENOENT') as string },
    });
  });
});
