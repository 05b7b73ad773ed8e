import { beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE, useApp } from './support/test-app.js';

// oxlint-disable-next-line no-explicit-any
type Json = Record<string, any>;

const PREDICT = ['/predict', '/models/{name}/predict', '/models/{name}/versions/{version}/predict'];
const VALIDATE = PREDICT.map((path) => path.replace(/predict$/, 'validate'));
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  '/batch': ['post'],
  '/health': ['get'],
  '/health/live': ['get'],
  '/health/ready': ['get'],
  '/jobs': ['get'],
  '/jobs/{id}': ['delete', 'get'],
  '/jobs/{id}/events': ['get'],
  '/jobs/{id}/result': ['get'],
  '/jobs/{id}/retry': ['post'],
  '/models': ['get'],
  '/models/{name}': ['delete', 'get', 'post'],
  '/models/{name}/aliases/{alias}': ['delete', 'put'],
  '/models/{name}/batch': ['post'],
  '/models/{name}/diagnostics': ['get', 'post'],
  '/models/{name}/observe': ['post'],
  '/models/{name}/rollback': ['post'],
  '/models/{name}/versions': ['get'],
  '/models/{name}/versions/{version}': ['delete', 'get'],
  '/models/{name}/versions/{version}/batch': ['post'],
  '/models/{name}/versions/{version}/diagnostics': ['get', 'post'],
  '/schemas/model.schema.json': ['get'],
  '/train': ['post'],
};
/** What POSTs answer, by the last part of their path, where it is not a prediction. */
const ANSWERS: Readonly<Record<string, readonly [status: number, member: string]>> = {
  validate: [200, 'valid'],
  observe: [201, 'version'],
  diagnostics: [200, 'outputs'],
  train: [202, 'id'],
};
const METHODS = ['get', 'post', 'put', 'delete'] as const;

describe('the OpenAPI document', () => {
  // The example of /train makes another one.
  const app = useApp({ 'example.pkl': EXAMPLE }, { DEFAULT_MODEL: 'example' });
  let document: Json;
  let operations: { path: string; method: (typeof METHODS)[number]; operation: Json }[];

  beforeAll(async () => {
    document = (await app.request().get('/openapi.json').expect(200)).body as Json;
    operations = Object.entries(document.paths as Json).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({
        path,
        method,
        operation: item[method] as Json,
      })),
    );
  });

  it('has every route, and each with the methods it answers', () => {
    expect(document.openapi).toMatch(/^3\.\d/);
    expect(document.info).toMatchObject({
      title: 'Kriged',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    expect(Object.keys(document.paths as Json).sort()).toEqual(
      [...PREDICT, ...VALIDATE, ...Object.keys(OTHERS)].sort(),
    );
    for (const path of VALIDATE) expect(Object.keys(document.paths[path] as Json)).toEqual(['post']);
    for (const path of PREDICT)
      expect(Object.keys(document.paths[path] as Json).sort()).toEqual(['get', 'post']);
    for (const [path, methods] of Object.entries(OTHERS))
      expect(Object.keys(document.paths[path] as Json).sort(), path).toEqual(methods);
  });

  it('says what each operation does, takes and answers', () => {
    const ids = operations.map(({ operation }) => operation.operationId as string);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = (document.tags as Json[]).map(({ name }) => name as string);
    for (const { path, operation } of operations) {
      expect(operation.summary, path).toMatch(/\w{3}/);
      expect(tags).toEqual(expect.arrayContaining(operation.tags as string[]));
      expect(Object.keys(operation.responses as Json), path).toContainEqual(
        expect.stringMatching(/^20[024]$/),
      );
      const declared = (operation.parameters as Json[]).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(declared.every(({ required }) => required === true)).toBe(true);
    }
  });

  it('holds no reference to nowhere, and describes every property', () => {
    const visit = (value: unknown, where: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const { $ref, properties } = value as Json;
      if (typeof $ref === 'string') expect(resolve($ref), `${where}: ${$ref}`).toBeTypeOf('object');
      for (const [name, property] of Object.entries((properties as Json | undefined) ?? {})) {
        expect(Object.keys(property as Json), `${where}.${name}`).not.toHaveLength(0);
      }
      for (const [key, member] of Object.entries(value)) visit(member, `${where}/${key}`);
    };
    visit(document, '#');
  });

  it('tells the failures as problems', () => {
    for (const path of [...PREDICT, ...VALIDATE]) {
      const { responses } = document.paths[path].post as Json;
      expect(Object.keys(responses as Json)).toEqual(
        expect.arrayContaining(['400', '404', '406', '409', '413', '415', '422', '501', '502', '503', '504']),
      );
      for (const [status, response] of Object.entries(responses as Json)) {
        if (status !== '200' && status !== '202')
          expect(Object.keys(response.content as Json)).toEqual(['application/problem+json']);
      }
    }
  });

  it('has examples of POST that run as they stand, at every address', async () => {
    let ran = 0;
    for (const { path, method, operation } of operations) {
      const content = (operation.requestBody?.content ?? {}) as Json;
      for (const [type, media] of Object.entries(content)) {
        const named = Object.values((media.examples ?? {}) as Record<string, { value: unknown }>);
        const examples: unknown[] = [media.example, ...named.map(({ value }) => value)];
        for (const example of examples.filter((one) => one !== undefined)) {
          const body: string = typeof example === 'string' ? example : JSON.stringify(example);
          const response = await app.request()[method](address(path, operation)).type(type).send(body);
          const [status, member] = ANSWERS[path.split('/').at(-1)!] ?? [200, 'mean'];
          expect(response.status, `${path} ${type} ${response.text}`).toBe(status);
          expect(response.body[member]).toBeDefined();
          ran++;
        }
      }
    }
    expect(ran).toBeGreaterThanOrEqual(2 * 3 * 4);
  });

  it('has examples of GET that run as they stand', async () => {
    // There is no job whose id an example could have.
    for (const { path, operation } of operations.filter(
      ({ path: of, method }) => method === 'get' && !of.startsWith('/jobs/'),
    )) {
      const query: Record<string, unknown> = {};
      for (const { in: place, name, example, schema } of operation.parameters as Json[]) {
        const value: unknown = example ?? schema.example;
        if (place !== 'query' || value === undefined) continue;
        Object.assign(query, schema.type === 'object' ? value : { [name as string]: value });
      }
      const response = await app.request().get(address(path, operation)).query(query);
      expect(response.status, `${path} ${response.text}`).toBe(200);
    }
  });

  it('has examples of options that run as they stand', async () => {
    const { properties } = document.components.schemas.PredictOptionsDto as Json;
    for (const [name, property] of Object.entries(properties as Json)) {
      expect(property.description, name).toMatch(/\w{3}/);
      if (property.example === undefined) continue;
      const body = { inputs: [[0.1, 0.2, 0.3, 0.4]], options: { [name]: property.example } };
      await app.request().post('/predict').send(body).expect(200);
    }
  });

  it('names every field of the real answers, and no answer lacks a required one', async () => {
    for (const path of ['/models', '/models/example', '/health/live', '/health/ready', '/jobs']) {
      const { body } = await app.request().get(path).expect(200);
      const operation = operations.find((one) => one.path === path.replace('example', '{name}'))?.operation;
      expectDescribed(body, operation?.responses['200'].content['application/json'].schema as Json, path);
    }
    const validated = await app.request().post('/validate').send({ x1: 9, x2: 0, x3: 0, x4: 0 }).expect(200);
    const { post } = document.paths['/validate'] as Json;
    expectDescribed(
      validated.body,
      post.responses['200'].content['application/json'].schema as Json,
      '/validate',
    );
    const trusted = await app
      .request()
      .post('/predict?trust')
      .send([[9, 0, 0, 0]])
      .expect(200);
    const predict = document.paths['/predict'].post as Json;
    expectDescribed(
      trusted.body,
      predict.responses['200'].content['application/json'].schema as Json,
      'trust',
    );
    const failure = await app.request().post('/predict').send({ x1: 'a' }).expect(400);
    expectDescribed(failure.body, { $ref: '#/components/schemas/ProblemDto' }, 'problem');
  });

  it('is served as a page, with all that the page loads', async () => {
    const page = await app.request().get('/docs').expect(200);
    expect(page.headers['content-type']).toContain('text/html');
    const parts = [...page.text.matchAll(/(?:src|href)="(\.\/docs\/[^"]+)"/g)].map(([, part]) =>
      part.slice(1),
    );
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) await app.request().get(part).expect(200);
    await app.request().get('/openapi.yaml').expect(200);
  });

  function resolve(ref: string): unknown {
    return ref
      .slice(2)
      .split('/')
      .reduce<Json | undefined>((at, key) => at?.[key] as Json | undefined, document);
  }

  function expectDescribed(value: unknown, schema: Json, where: string): void {
    const target = (typeof schema.$ref === 'string' ? resolve(schema.$ref) : schema) as Json;
    if (Array.isArray(value)) {
      for (const item of value) expectDescribed(item, target.items as Json, `${where}[]`);
    } else if (typeof value === 'object' && value !== null && target.additionalProperties !== true) {
      const properties = (target.properties ?? {}) as Json;
      for (const name of (target.required ?? []) as string[]) expect(value, where).toHaveProperty(name);
      for (const [name, member] of Object.entries(value)) {
        expect(Object.keys(properties), where).toContain(name);
        expectDescribed(member, properties[name] as Json, `${where}.${name}`);
      }
    }
  }
});

/** The path with the examples of its parameters put in. */
function address(path: string, operation: Json): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = (operation.parameters as Json[]).find((one) => one.name === name);
    return String(parameter?.example ?? parameter?.schema.example);
  });
}
