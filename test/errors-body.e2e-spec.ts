import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../src/common/media/npy.js';
import { writeNpz } from '../src/common/media/npz.js';
import { expectProblem, expectWellFormedProblem } from './support/problem.js';
import { golden, type TestApp, useApp } from './support/test-app.js';

describe('a body that is not what it says', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });
  const post = (type: string, body: string | Buffer) =>
    app
      .request()
      .post('/predict')
      .type(type)
      .serialize(asItIs)
      .send(body as string);
  const npy = writeNpy([2, 3], new Float64Array(6));
  const npz = writeNpz({ X: { shape: [2, 3], data: new Float64Array(6) } });
  const npyHeader = (text: string): Buffer =>
    Buffer.concat([
      Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(text.length)}\x00${text}`, 'latin1'),
      npy.subarray(-48),
    ]);

  it.each<[string, string, object]>([
    ['an empty body', '', {}],
    ['blanks', ' \n ', {}],
    ['a missing brace', '{"x1": 1,\n "x2": 2', { line: 2, column: 9 }],
    ['a missing comma', '{"x1": 1\n"x2": 2}', { line: 2, column: 1 }],
    ['single quotes', "{'x1': 1}", { line: 1, column: 2 }],
    ['a comma too many', '[[1, 2, 3],]', { line: 1, column: 12 }],
    ['a bare word', '{"x1": one}', { line: 1, column: 8 }],
    ['text after the end', '[[1, 2, 3]] x', { line: 1, column: 13 }],
    ['a key twice', '{"x1": 1, "x1": 2, "x2": 2, "x3": 3}', { line: 1, column: 11 }],
    ['Python literals', '{"x1": None}', { line: 1, column: 8 }],
    ['binary rubbish', '\x00\x01\x02', { line: 1, column: 1 }],
  ])('JSON: %s', async (_what, body, place) => {
    const problem = expectProblem(await post('application/json', body), 400, 'MALFORMED_BODY');
    expect(problem).toMatchObject({ format: 'JSON', ...place });
  });

  it('a request without a body and without a type', async () => {
    expectProblem(await app.request().post('/predict'), 400, 'MALFORMED_BODY');
  });

  it('JSON that is not UTF-8', async () => {
    const body = Buffer.from('{"x\xe9": 1}', 'latin1');
    expect(expectProblem(await post('application/json', body), 400, 'MALFORMED_BODY').byte).toBe(3);
    const utf16 = Buffer.from('\ufeff{"x1": 1}', 'utf16le');
    expect(expectProblem(await post('application/json', utf16), 400, 'MALFORMED_BODY').detail).toContain(
      'UTF-16',
    );
  });

  it('JSON a hundred thousand levels deep', async () => {
    for (const body of [
      '['.repeat(100_000),
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      '{"x1":'.repeat(100_000),
    ]) {
      const response = await post('application/json', body);
      expectProblem(response, 400, body.endsWith(']') ? 'INVALID_INPUT' : 'MALFORMED_BODY');
    }
  });

  it.each<[string, string, number]>([
    ['an open quote', '1,2,3\n1,"2,3\n', 2],
    ['text after a quote', '1,2,3\n1,"2"x,3\n', 2],
    ['UTF-16', '\xff\xfe1\x00', 1],
  ])('CSV: %s', async (_what, body, line) => {
    const problem = expectProblem(await post('text/csv', Buffer.from(body, 'latin1')), 400, 'MALFORMED_BODY');
    expect(problem).toMatchObject({ format: 'CSV', line });
    expect(problem.detail).toContain(`line ${line}`);
  });

  it.each<[string, string, Buffer]>([
    ['npy that is cut short', 'npy', npy.subarray(0, -1)],
    ['npy with something after it', 'npy', Buffer.concat([npy, Buffer.from('x')])],
    ['npy that ends in its header', 'npy', npy.subarray(0, 20)],
    ['npy of Python objects', 'npy', npyHeader("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }")],
    ['npy of texts', 'npy', npyHeader("{'descr': '<U8', 'fortran_order': False, 'shape': (2, 3), }")],
    [
      'npy of a lying shape',
      'npy',
      npyHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (999999999, 3), }"),
    ],
    ['npy of a code as header', 'npy', npyHeader("__import__('os').system('true')")],
    ['npy that is none', 'npy', Buffer.from('hello')],
    ['npz that is cut short', 'npz', npz.subarray(0, -30)],
    ['npz that is none', 'npz', Buffer.from('hello')],
    ['npz with a damaged array', 'npz', Buffer.from(npz.map((byte, i) => (i === 150 ? byte ^ 1 : byte)))],
  ])('%s', async (_what, format, body) => {
    const problem = expectProblem(await post(`application/x-${format}`, body), 400, 'MALFORMED_BODY');
    expect(problem.format).toBe(format);
  });

  it.each([
    'text/plain',
    'image/png',
    'application/xml',
    'application/json; charset=latin1',
    'nonsense',
    'application/x-python-pickle',
  ])('a body of type %s is 415', async (type) => {
    const problem = expectProblem(
      await app.request().post('/predict').set('Content-Type', type).send('{"x1": 1}'),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    );
    expect(problem.expected).toContain('application/json');
  });
});

describe('compressed bodies', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') }, { MAX_BODY_BYTES: '4096' });
  const post = (encoding: string, body: Buffer) =>
    app
      .request()
      .post('/predict')
      .type('json')
      .set('Content-Encoding', encoding)
      .serialize(asItIs)
      .send(body as unknown as string);

  it('gzip is read', async () => {
    const plain = await app
      .request()
      .post('/predict')
      .send([[1, 2, 3]]);
    const response = await post('gzip', gzipSync('[[1, 2, 3]]'));
    expect(response.status).toBe(200);
    expect(response.body).toEqual(plain.body);
  });

  it('a bomb is stopped at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(3_000_000, ' '));
    expect(bomb.length).toBeLessThan(4096);
    expect(expectProblem(await post('gzip', bomb), 413, 'BODY_TOO_LARGE').limit).toBe(4096);
  });

  it('what is no gzip is refused', async () => {
    expectProblem(await post('gzip', Buffer.from('[[1, 2, 3]]')), 400, 'MALFORMED_BODY');
    expectProblem(await post('gzip', gzipSync('[[1, 2, 3]]').subarray(0, -6)), 400, 'MALFORMED_BODY');
  });

  it('an unknown encoding is 415, with those that are known', async () => {
    const response = await post('compress', Buffer.from('[[1, 2, 3]]'));
    expectProblem(response, 415, 'UNSUPPORTED_CONTENT_ENCODING');
    expect(response.headers['accept-encoding']).toContain('gzip');
  });
});

describe('bodies that are too large', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') }, { MAX_BODY_BYTES: '4096' });
  const large = JSON.stringify(Array.from({ length: 1000 }, () => [1, 2, 3]));

  it('JSON', async () => {
    const problem = expectProblem(
      await app.request().post('/predict').type('json').send(large),
      413,
      'BODY_TOO_LARGE',
    );
    expect(problem.detail).toContain('MAX_BODY_BYTES');
    expect(problem.limit).toBe(4096);
  });

  it('a file in a form', async () => {
    const response = await app.request().post('/predict').attach('file', Buffer.from(large), 'x.json');
    expect(expectProblem(response, 413, 'BODY_TOO_LARGE').limit).toBe(4096);
  });

  it('an npz that unpacks to more', async () => {
    const arrays = writeNpz({ X: { shape: [1000, 3], data: new Float64Array(3000) } });
    const response = await app.request().post('/predict').type('application/x-npz').send(arrays);
    expectProblem(response, 413, 'BODY_TOO_LARGE');
  });

  it('chunks of unknown length', async () => {
    const { status, headers, text } = await postChunks(
      app,
      Array.from({ length: 8 }, () => ' '.repeat(1024)),
    );
    expect(status).toBe(413);
    expectWellFormedProblem(status, headers, text);
    expect(text).toContain('BODY_TOO_LARGE');
  });

  it('what fits is answered, in chunks as well', async () => {
    const { status } = await postChunks(app, ['[[1, 2', ', 3]', ']']);
    expect(status).toBe(200);
    await app
      .request()
      .post('/predict')
      .type('json')
      .send(`[[1,2,3]]${' '.repeat(4087)}`)
      .expect(200);
  });
});

describe('answers that are too large', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') }, { MAX_RESULT_VALUES: '100' });
  const rows = (count: number): number[][] => Array.from({ length: count }, () => [1, 2, 3]);

  it.each<[number, string, number]>([
    [50, '', 200],
    [51, '', 413],
    [9, '?covariance', 200],
    [10, '?covariance', 413],
    [12, '?gradients', 200],
    [13, '?gradients', 413],
    [1, '?samples=97', 200],
    [1, '?samples=98', 413],
    [1, '?quantiles=1,2,3', 200],
  ])('%d rows with %j: %d', async (count, query, status) => {
    const response = await app.request().post(`/predict${query}`).send(rows(count));
    if (status === 200) expect(response.status).toBe(200);
    else expect(expectProblem(response, 413, 'RESULT_TOO_LARGE').limit).toBe(100);
  });
});

/** Keeps supertest from writing bytes as JSON. */
const asItIs = (body: unknown): string => body as string;

/** A POST without a Content-Length. */
function postChunks(
  app: TestApp,
  chunks: string[],
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port: app.port,
      method: 'POST',
      path: '/predict',
      headers: { 'Content-Type': 'application/json' },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}
