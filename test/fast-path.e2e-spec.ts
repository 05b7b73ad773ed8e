import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FastPath } from '../src/common/http/fast-path.js';
import { exchange } from './support/raw-http.js';
import { golden, useApp } from './support/test-app.js';

const MODELS = {
  'iso.pkl': golden('gpy/rbf-iso.pkl'),
  'icm.pkl': golden('gpy/icm.pkl'),
  'broken.pkl': 'no model',
};
/** More numbers than are written at once. */
const MANY = '/predict?samples=25000&seed=1';
const ROW = '{"x1": 0.1, "x2": 0.2, "x3": 0.3}';

interface Sent {
  readonly path?: string;
  readonly fields?: string;
  readonly body?: string;
}

const request = ({ path = '/predict', fields = '', body = ROW }: Sent, last = true): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\n${last ? 'Connection: close\r\n' : ''}${fields}` +
  `Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`;
const JSON_TYPE = 'Content-Type: application/json\r\n';
/** Asks for nothing, but is not plain. */
const LEFT_TO_NODE = 'Proxy-Connection: x\r\n';

/** All that came, but for the time and the id. */
const comparable = (raw: string): string =>
  raw.replaceAll(/(?<=Date: )[^\r]+/g, 'now').replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4}/g, 'id');

describe.each<[string, Record<string, string>]>([
  ['a default model', { DEFAULT_MODEL: 'iso' }],
  ['no default model', {}],
  ['small limits', { DEFAULT_MODEL: 'iso', MAX_BODY_BYTES: '1024', MAX_RESULT_VALUES: '10' }],
])('the fast path and the general one, with %s', (_what, env) => {
  const app = useApp(MODELS, env);
  const taken = countTaken();

  it.each<[string, Sent]>([
    ['one row', {}],
    ['one row, typed', { fields: JSON_TYPE }],
    ['a model', { path: '/models/iso/predict' }],
    ['a version', { path: '/models/iso/versions/1/predict' }],
    ['several outputs', { path: '/models/icm/predict', body: '[[0.1, 1], [0.2, 0]]' }],
    ['an index that is none', { path: '/models/icm/predict', body: '[[0.1, 7]]' }],
    ['rows', { body: '[[1, 2, 3], [4, 5, 6]]' }],
    ['rows and options', { body: '{"inputs": [[1, 2, 3]], "options": {"quantiles": [2.5, 97.5]}}' }],
    ['a row and options', { body: ROW.replace('}', ', "options": {"gradients": true}}') }],
    ['options in the query', { path: '/predict?meanOnly=true&latentVariance' }],
    ['not squeezed', { path: '/predict?squeeze=false' }],
    ['samples', { path: '/predict?samples=3&seed=7&covariance' }],
    ['an unknown option', { path: '/predict?meanonly=true' }],
    ['a wrong option', { path: '/predict?quantiles=200' }],
    ['an option twice', { path: '/predict?samples=3&samples=4' }],
    ['CSV', { fields: 'Content-Type: text/csv\r\n', body: 'x1,x2,x3\n1,2,3\n4,5,6\n' }],
    ['a form', { fields: 'Content-Type: application/x-www-form-urlencoded\r\n', body: 'x1=1&x2=2&x3=3' }],
    ['an answer as CSV', { fields: 'Accept: text/csv\r\n' }],
    ['an answer as npy', { fields: 'Accept: application/x-npy\r\n' }],
    ['an answer as npz', { fields: 'Accept: application/x-npz, */*;q=0.1\r\n' }],
    ['an id of its own', { fields: 'X-Request-Id: mine-1\r\n' }],
    ['an id that is none', { fields: 'X-Request-Id: <script>\r\n' }],
    ['an answer in chunks', { path: MANY }],
    ['an answer as CSV in chunks', { path: MANY, fields: 'Accept: text/csv\r\n' }],
    ['a long answer as npy', { path: MANY, fields: 'Accept: application/x-npy\r\n' }],
    ['a type of nothing', { fields: 'Content-Type:\r\n' }],
    ['an Accept of nothing', { fields: 'Accept:\r\n' }],
    ['a query of odd characters', { path: '/predict?=&&=1&%41&__proto__=1' }],
    ['an escape that is none in the query', { path: '/predict?meanOnly=%E0%A4%A' }],
    ['a plus in the query', { path: '/predict?meanOnly=tr+ue' }],
    ['no body', { body: '' }],
    ['blanks', { body: '  \n' }],
    ['bad JSON', { body: '{"x1": 1,\n "x2" 2}' }],
    ['a key twice', { body: '{"x1": 1, "x1": 1, "x2": 2, "x3": 3}' }],
    ['bytes that are not UTF-8', { body: '{"x\xe9": 1}' }],
    ['text that is not ASCII', { body: '{"\xc3\xa9": 1, "x2": "\xe2\x82\xac"}' }],
    ['an unknown input', { body: '{"x1": 1, "x2": 2, "x3": 3, "x4": 4}' }],
    ['a missing input', { body: '{"x1": 1, "x2": 2}' }],
    ['a wrong type', { body: '{"x1": "1", "x2": null, "x3": [3]}' }],
    ['not a finite number', { body: '{"x1": 1e400, "x2": NaN, "x3": -0}' }],
    ['zeros', { body: '{"x1": -0, "x2": 0.0, "x3": 1e-400}' }],
    ['numbers that overflow', { body: '{"x1": 1e308, "x2": -1e308, "x3": 1e308}' }],
    ['a model that there is not', { path: '/models/nope/predict' }],
    ['a model named like a member', { path: '/models/__proto__/predict' }],
    ['a path with dots', { path: '/models/../predict' }],
    ['a version that there is not', { path: '/models/iso/versions/2/predict' }],
    ['a model that was refused', { path: '/models/broken/predict' }],
    ['406', { fields: 'Accept: text/html\r\n' }],
    ['415', { fields: 'Content-Type: text/plain\r\n' }],
    ['415 for a charset', { fields: 'Content-Type: application/json; charset=utf-16\r\n' }],
    ['more rows than may be answered', { body: '[[1,2,3],[1,2,3],[1,2,3],[1,2,3],[1,2,3],[1,2,3]]' }],
    [
      'headers that mean nothing here',
      { fields: 'Origin: http://a\r\nIf-None-Match: *\r\nRange: bytes=0-1\r\n' },
    ],
  ])('%s: every byte is the same', async (_name, sent) => {
    const { fields = '' } = sent;
    const fast = await exchange(app.port, request(sent));
    expect(taken()).toBe(1);
    const general = await exchange(app.port, request({ ...sent, fields: fields + LEFT_TO_NODE }));
    expect(taken()).toBe(1);
    expect(comparable(fast.raw)).toBe(comparable(general.raw));
    expect(fast.status).toBeGreaterThanOrEqual(200);
  });

  it.each<[string, string]>([
    ['HEAD', 'HEAD /predict?x1=1&x2=2&x3=3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['GET', 'GET /predict?x1=1&x2=2&x3=3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['PUT', request({}).replace('POST', 'PUT')],
    ['an encoded name', request({ path: '/models/i%73o/predict' })],
    ['a slash in a name', request({ path: '/models/a%2Fb/predict' })],
    ['a name that cannot be decoded', request({ path: '/models/%E0%A4%A/predict' })],
    ['two slashes', request({ path: '/models//predict' })],
    ['two slashes at the start', request({ path: '//predict' })],
    ['a whole URL', request({ path: 'http://a/predict' })],
    ['many headers', request({ fields: 'A: b\r\n'.repeat(1100) + 'Content-Type: text/csv\r\n' })],
    ['a slash at the end', request({ path: '/predict/' })],
    ['capitals', request({ path: '/Predict' })],
    ['another route', request({ path: '/models/iso/predictions' })],
    ['a body in chunks', `POST /predict HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${ROW.length.toString(16)}\r\n${ROW}\r\n0\r\n\r\n`], // prettier-ignore
    [
      'a multipart form',
      request({ fields: 'Content-Type: multipart/form-data; boundary=b\r\n', body: '--b--\r\n' }),
    ],
    ['a long body', request({ body: ROW + ' '.repeat(20_000) })],
    ['a body in need of a 100', request({ fields: 'Expect: 100-continue\r\n' })],
    ['no Host', request({}).replace('Host: a\r\n', '')],
    ['HTTP/1.0', request({}).replace('HTTP/1.1', 'HTTP/1.0')],
    ['rubbish', 'hello\r\n\r\n'],
    ['two lengths', request({ fields: 'Content-Length: 5\r\n' })],
  ])('%s is left to the general path', async (_name, bytes) => {
    expect((await exchange(app.port, bytes)).raw).toMatch(/^HTTP\/1\.1 \d{3}/);
    expect(taken()).toBe(0);
  });
});

describe('a connection of the fast path', () => {
  const app = useApp({ 'iso.pkl': MODELS['iso.pkl'] });
  const taken = countTaken();
  const bodies = (raw: string): string[] =>
    raw.split(/HTTP\/1\.1 \d+ [\w ]+\r\n/).slice(1).map((answer) => answer.split('\r\n\r\n')[1]); // prettier-ignore
  const row = (x1: number): string => `{"x1": ${x1}, "x2": 0.2, "x3": 0.3}`;
  const answerTo = async (x1: number): Promise<string> =>
    (await exchange(app.port, request({ body: row(x1), fields: LEFT_TO_NODE }))).text;

  it('answers what comes at once in the order it came', async () => {
    const xs = [0.1, 0.2, 0.3, 0.4, 0.5];
    const all = xs.map((x, i) => request({ body: row(x) }, i === xs.length - 1)).join('');
    const { raw } = await exchange(app.port, all);
    expect(taken()).toBe(5);
    expect(bodies(raw)).toEqual(await Promise.all(xs.map(answerTo)));
  });

  it('goes to Node with the first request that is not plain, and all that follow', async () => {
    const { raw } = await exchange(
      app.port,
      request({ body: row(0.1) }, false) +
        'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n' +
        request({ body: row(0.2) }),
    );
    expect(taken()).toBe(1);
    expect(bodies(raw)).toEqual([await answerTo(0.1), '{"status":"ok"}', await answerTo(0.2)]);
  });

  it('answers the request before one that is no HTTP', async () => {
    const { raw } = await exchange(app.port, `${request({}, false)}too long`);
    expect(raw.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  it('waits for a body that comes in pieces', async () => {
    const text = request({ body: row(0.1) });
    const client = await open(app.port);
    for (const piece of [text.slice(0, -8), text.slice(-8, -3), text.slice(-3)]) {
      client.socket.write(piece);
      await later();
    }
    expect(bodies(await client.ended)).toEqual([await answerTo(0.1)]);
    expect(taken()).toBe(1);
  });

  it('leaves a body of many pieces, or a head of two, to Node', async () => {
    const text = request({ body: row(0.1) + ' '.repeat(40) });
    const start = text.indexOf('{');
    for (const cuts of [Array.from({ length: 30 }, (_, i) => start + i), [10]]) {
      const client = await open(app.port);
      let sent = 0;
      for (const cut of [...cuts, text.length]) {
        client.socket.write(text.slice(sent, cut));
        sent = cut;
        await later();
      }
      expect(bodies(await client.ended)).toEqual([await answerTo(0.1)]);
    }
    expect(taken()).toBe(0);
  });

  it('tells a client that ends within a request what is wrong', async () => {
    const client = await open(app.port);
    client.socket.end(request({}).slice(0, -3));
    expect(await client.ended).toMatch(/^HTTP\/1\.1 400 .*"code":"MALFORMED_REQUEST"/s);
  });

  it('outlives clients that go away', async () => {
    for (const text of ['', request({}).slice(0, -3), request({}, false), request({}, false).repeat(20)]) {
      const { socket } = await open(app.port);
      socket.write(text);
      await later();
      socket.resetAndDestroy();
    }
    expect((await exchange(app.port, request({}))).status).toBe(200);
  });
});

/** How many requests the fast path has taken, in each test. */
function countTaken(): () => number {
  const spy = { count: 0 };
  beforeEach(() => {
    spy.count = 0;
    const take = FastPath.prototype.take;
    vi.spyOn(FastPath.prototype, 'take').mockImplementation(function (this: FastPath, ...args) {
      const taken = take.apply(this, args);
      if (taken !== undefined) spy.count++;
      return taken;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  return () => spy.count;
}

/** A connection, and all that comes down it until it ends. */
function open(port: number): Promise<{ socket: Socket; ended: Promise<string> }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    let raw = '';
    socket.setEncoding('utf8').on('data', (part: string) => (raw += part));
    socket.once('error', reject);
    const ended = once(socket, 'end').then(() => raw);
    socket.once('connect', () => resolve({ socket, ended }));
  });
}

const later = (): Promise<void> => sleep(10);
