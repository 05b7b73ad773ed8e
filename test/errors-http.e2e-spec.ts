import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { expectProblem, expectWellFormedProblem } from './support/problem.js';
import { exchange } from './support/raw-http.js';
import { golden, type TestApp, useApp } from './support/test-app.js';

describe('requests for nothing that is there', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });

  it.each([
    '/',
    '/nope',
    '/predict/more',
    '//',
    '/models/iso/nope',
    '/healthz',
    '/models/iso/version',
    '/docs/nope.js',
    '/.env',
  ])('GET %s is a 404 that names the route', async (path) => {
    const response = await app.request().get(path);
    const problem = expectProblem(response, 404, 'ROUTE_NOT_FOUND');
    expect(problem.detail).toContain(`GET ${path}`);
    expect(problem.instance).toBe(path);
  });

  it.each<[string, string]>([
    ['nope', 'nope'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['%00', '\0'],
    ['a%2Fb', 'a/b'],
    ['..%2F..%2Fetc%2Fpasswd', '../../etc/passwd'],
    ['%3Cscript%3E', '<script>'],
    ['%E2%82%AC', '€'],
    ['ISO', 'ISO'],
    ['x'.repeat(2000), 'x'.repeat(2000)],
  ])('the model %s is a 404 that lists those there are', async (encoded, name) => {
    for (const path of [
      `/models/${encoded}`,
      `/models/${encoded}/predict?x1=1`,
      `/models/${encoded}/versions/1`,
    ]) {
      const problem = expectProblem(await app.request().get(path), 404, 'MODEL_NOT_FOUND');
      expect(problem).toMatchObject({ model: name, available: ['iso'] });
    }
  });

  it('an unknown version is a 404 that lists those there are', async () => {
    for (const path of ['/models/iso/versions/2', '/models/iso/versions/2/predict?x1=1']) {
      const problem = expectProblem(await app.request().get(path), 404, 'MODEL_VERSION_NOT_FOUND');
      expect(problem).toMatchObject({ model: 'iso', version: '2', available: ['1'] });
    }
  });

  it.each(['/models/%ZZ', '/models/%', '/models/%FF/predict', '/%E0%A4%A'])(
    '%s cannot be decoded: 400',
    async (path) => {
      const response = await app.request().get(path);
      if (path.startsWith('/models')) expectProblem(response, 400, 'MALFORMED_PATH');
      else expectWellFormedProblem(response.status, response.headers, response.text);
      expect(response.headers['x-request-id']).toMatch(/./);
    },
  );

  it.each(['put', 'patch', 'delete', 'options'] as const)(
    '%s is not for predicting: 405 with Allow',
    async (method) => {
      for (const path of ['/predict', '/models/iso/predict', '/models/iso/versions/1/predict']) {
        const response = await app.request()[method](path);
        expectProblem(response, 405, 'METHOD_NOT_ALLOWED');
        expect(response.headers.allow).toBe('GET, HEAD, POST');
      }
    },
  );

  it('HEAD of a failure has its status and no body', async () => {
    const response = await app.request().head('/models/nope');
    expect(response.status).toBe(404);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.text).toBeUndefined();
  });
});

describe('what is hardly HTTP', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });
  const body = '[[1, 2, 3]]';
  const post = (headers: string, content: string): string =>
    `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n${content}`;

  it.each<[string, number, string, string]>([
    ['rubbish', 400, 'MALFORMED_REQUEST', 'hello\r\n\r\n'],
    ['TLS on a plain port', 400, 'MALFORMED_REQUEST', '\x16\x03\x01\x02\x00\x01\x00'],
    ['a header without a colon', 400, 'MALFORMED_REQUEST', 'GET / HTTP/1.1\r\nHost: x\r\nwrong\r\n\r\n'],
    ['a length that is no number', 400, 'MALFORMED_REQUEST', post('Content-Length: abc\r\n', body)],
    ['two lengths', 400, 'MALFORMED_REQUEST', post('Content-Length: 11\r\nContent-Length: 12\r\n', body)],
    ['a broken chunk', 400, 'MALFORMED_REQUEST', post('Transfer-Encoding: chunked\r\n', 'zz\r\n[[1\r\n')],
    [
      'an address of 20,000 characters',
      431,
      'HEADERS_TOO_LARGE',
      `GET /predict?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    ],
  ])('%s', async (_what, status, code, bytes) => {
    const { text, headers, status: answered } = await exchange(app.port, bytes);
    expect(answered).toBe(status);
    expectWellFormedProblem(status, headers, text);
    expect(JSON.parse(text)).toMatchObject({ code });
  });

  it('an upload that breaks off harms nobody', async () => {
    await abandon(app, post('Content-Length: 1000\r\n', '[[1, 2'));
    await abandon(app, post('Transfer-Encoding: chunked\r\n', '5\r\n[[1, \r\n'));
    await abandon(
      app,
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900\r\n\r\n--b\r\n',
    );
    const after = await app
      .request()
      .post('/predict')
      .send([[1, 2, 3]]);
    expect(after.status).toBe(200);
  });

  it('two requests at once down one connection are both answered', async () => {
    const one = post('Content-Length: 11\r\n', body);
    const { raw } = await exchange(app.port, one + post('Content-Length: 11\r\nConnection: close\r\n', body));
    expect(raw.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });
});

/** Sends bytes and goes away. */
function abandon(app: TestApp, bytes: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1', () => {
      socket.write(bytes, () => socket.resetAndDestroy());
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}
