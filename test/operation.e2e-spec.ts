import { describe, expect, it } from 'vitest';
import { expectProblem } from './support/problem.js';
import { golden, useApp } from './support/test-app.js';

const ISO = golden('gpy/rbf-iso.pkl');

describe('operation', () => {
  const app = useApp({ 'iso.pkl': ISO, 'broken.pkl': 'broken' });

  it('tells that it lives and that it is ready', async () => {
    expect((await app.request().get('/health/live').expect(200)).body).toEqual({ status: 'ok' });
    for (const path of ['/health', '/health/ready']) {
      const ready = await app.request().get(path).expect(200);
      expect(ready.body).toEqual({
        status: 'ready',
        ready: 1,
        failed: 1,
        compute: expect.stringContaining('WebAssembly SIMD') as string,
        jobs: 'embedded',
      });
    }
  });

  it('gives back the id of a request', async () => {
    const response = await app.request().get('/health/live').set('X-Request-Id', 'abc-1.2:3_4');
    expect(response.headers['x-request-id']).toBe('abc-1.2:3_4');
    const failure = await app.request().get('/nope').set('X-Request-Id', 'my-id');
    expect(expectProblem(failure, 404, 'ROUTE_NOT_FOUND').requestId).toBe('my-id');
  });

  it.each(['', 'with blanks', 'x'.repeat(129), '{"a":1}', 'ü'])(
    'makes its own id in place of %j',
    async (given) => {
      const response = await app
        .request()
        .get('/nope')
        .set('X-Request-Id', Buffer.from(given).toString('latin1'));
      expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('gives every request an id of its own, the documentation included', async () => {
    const paths = ['/models', '/models', '/docs', '/openapi.json', '/models/%ZZ'];
    const ids = await Promise.all(
      paths.map(async (path) => (await app.request().get(path)).headers['x-request-id']),
    );
    expect(new Set(ids).size).toBe(paths.length);
    expect(ids.every((id) => /^[0-9a-f-]{36}$/.test(id))).toBe(true);
  });

  it('sets the headers of helmet, and none that tells of Express', async () => {
    for (const path of ['/models', '/nope', '/docs']) {
      const { headers } = await app.request().get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'content-security-policy': expect.stringContaining("default-src 'self'"),
      });
      // Served without TLS, a page must not be told to load its parts with it.
      expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
      expect(headers).not.toHaveProperty('x-powered-by');
    }
  });

  it('allows no other origin by default', async () => {
    const response = await app.request().get('/models').set('Origin', 'https://app.example.org');
    expect(response.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('CORS_ORIGINS with a list', () => {
  const app = useApp({ 'iso.pkl': ISO }, { CORS_ORIGINS: 'https://app.example.org, http://localhost:3000' });

  it('allows those origins and no other', async () => {
    const allowed = async (origin: string): Promise<string | undefined> =>
      (await app.request().get('/models').set('Origin', origin)).headers['access-control-allow-origin'];
    expect(await allowed('https://app.example.org')).toBe('https://app.example.org');
    expect(await allowed('http://localhost:3000')).toBe('http://localhost:3000');
    expect(await allowed('https://evil.example.org')).toBeUndefined();
  });

  it('answers the preflight of a prediction, and lets its errors be read', async () => {
    const preflight = await app.request().options('/predict').set({
      Origin: 'https://app.example.org',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.org',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': 'content-type',
    });
    const failure = await app.request().post('/predict').set('Origin', 'https://app.example.org').send({});
    expectProblem(failure, 400, 'INVALID_INPUT');
    expect(failure.headers['access-control-allow-origin']).toBe('https://app.example.org');
  });
});

describe('CORS_ORIGINS=*', () => {
  const app = useApp({ 'iso.pkl': ISO }, { CORS_ORIGINS: '*' });

  it('allows every origin', async () => {
    const response = await app.request().get('/models').set('Origin', 'https://any.example.org');
    expect(response.headers['access-control-allow-origin']).toBe('*');
  });
});
