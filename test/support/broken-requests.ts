import { gzipSync } from 'node:zlib';
import * as bodies from './broken-bodies.js';
import type { FuzzRandom } from './fuzz-random.js';

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const MODELS = ['iso', 'icm', 'three', 'het', 'broken'];
const TYPES = ['application/json', 'text/csv', 'application/x-npy', 'application/x-npz', 'application/octet-stream', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain', 'application/json; charset=utf-16', 'APPLICATION/JSON', 'application/vnd.a+json', '', ';', 'json', 'multipart/form-data; boundary=b', '*/*', 'text/csv; header=absent', 'application/pickle']; // prettier-ignore
const ACCEPTS = ['application/json', 'text/csv', 'application/x-npy', 'application/x-npz', '*/*', 'text/html', '', ',', ';q=', 'text/csv;q=2', 'a/b', '*', 'text/csv;q=0, */*;q=0.1']; // prettier-ignore
const METHODS = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'TRACE',
  'PROPFIND',
  'SEARCH',
  'PURGE',
  'QUERY',
];
const SEGMENTS = ['models', 'predict', 'versions', 'iso', '1', 'health', 'live', 'ready', '%00', '%ZZ', '%', '%2e%2e', '..', '.', '%2F', '%FF', '%E2%82%AC', '%C0%AF', '__proto__', 'constructor', '', '*', ':name', '{name}', '~', "'", '(', ';a=b', '\xe9', 'x'.repeat(300), 'openapi.json', 'docs']; // prettier-ignore

const predictPath = (random: FuzzRandom): string =>
  random.pick([
    '/predict',
    '/predict',
    '/models/iso/predict',
    '/models/iso/versions/1/predict',
    `/models/${random.pick(MODELS)}/predict`,
  ]);
const post = (random: FuzzRandom, type: string, body: Buffer | string, query = ''): FuzzRequest => ({
  method: 'POST',
  path: predictPath(random) + query,
  headers: { 'content-type': type },
  body,
});
const oddBody = (random: FuzzRandom): [type: string, body: Buffer | string, extension: string] =>
  random.pick<() => [string, Buffer | string, string]>([
    () => ['application/json', bodies.oddJson(random), 'json'],
    () => ['text/csv', bodies.oddCsv(random), 'csv'],
    () => ['application/x-npy', bodies.oddNpy(random), 'npy'],
    () => ['application/x-npz', bodies.oddNpz(random), 'npz'],
  ])();

/** Every kind of request that goes wrong, by name. Some turn out to be in order: that is as well. */
export const KINDS: Readonly<Record<string, (random: FuzzRandom) => FuzzRequest>> = {
  'JSON of a wrong structure': (random) => post(random, 'application/json', bodies.oddJson(random)),

  'JSON with damage': (random) =>
    post(random, 'application/json', random.damage(bodies.oddJson(random), bodies.JSON_PIECES)),

  'deep JSON': (random) => post(random, 'application/json', bodies.deepJson(random)),

  'huge numbers': (random) => post(random, 'application/json', bodies.hugeJson(random)),

  'options in the body': (random) =>
    post(random, 'application/json', `{"inputs":[[0.1,0.2,0.3]],"options":${bodies.oddOptions(random)}}`),

  'options in the query': (random) =>
    post(random, 'application/json', '[[0.1,0.2,1],[1,2,0]]', `?${bodies.oddOptionQuery(random)}`),

  CSV: (random) => post(random, 'text/csv', bodies.oddCsv(random)),

  npy: (random) => post(random, 'application/x-npy', bodies.oddNpy(random)),

  npz: (random) => post(random, 'application/x-npz', bodies.oddNpz(random)),

  form: (random) =>
    post(
      random,
      'application/x-www-form-urlencoded',
      random.chance(0.5)
        ? bodies.oddQuery(random)
        : random.damage('x1=1&x2=2&x3=3&meanOnly=true', ['&', '=', '%', '+', '[', ']', '\0', 'x1']),
    ),

  'random bytes': (random) => post(random, random.pick(TYPES), random.bytes(random.int(0, 80))),

  'a type that does not fit': (random) => post(random, random.pick(TYPES), oddBody(random)[1]),

  'odd headers': (random) => {
    const headers: Record<string, string> = {
      'content-type': random.pick(TYPES),
      accept: random.pick(ACCEPTS),
    };
    if (random.chance(0.4))
      headers['content-encoding'] = random.pick([
        'gzip',
        'br',
        'deflate',
        'identity',
        'compress',
        'x',
        ',',
        'gzip, gzip',
      ]);
    if (random.chance(0.3))
      headers['x-request-id'] = random.pick(['', ' ', 'a b', 'x'.repeat(500), '\xff', '{}', 'ok-1']);
    if (random.chance(0.2))
      headers[
        random.pick([
          'expect',
          'range',
          'if-match',
          'if-none-match',
          'origin',
          'te',
          'upgrade',
          'x-http-method-override',
          'cookie',
        ])
      ] = random.pick(['', 'x', '100-continue', 'bytes=0-1', '*', 'null', '\xe9']);
    return {
      method: random.pick(['POST', 'POST', 'GET']),
      path: predictPath(random),
      headers,
      body: random.pick(['[[1,2,3]]', '', '{', 'x1=1']),
    };
  },

  'compressed bodies': (random) => {
    const packed = gzipSync(random.pick(['[[1,2,3]]', bodies.oddJson(random), ' '.repeat(200_000)]));
    const body = random.chance(0.5) ? packed : random.damage(packed, ['\0', '\xff']);
    return {
      ...post(random, 'application/json', body),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    };
  },

  'bodies that are too large': (random) =>
    post(
      random,
      oddBody(random)[0],
      Buffer.alloc(random.int(16_385, 20_000), random.pick([' ', '1,', '[', '\n', '\0'])),
    ),

  multipart: (random) => {
    const [type, content, extension] = oddBody(random);
    const field = random.pick(['file', 'file', 'file', 'data', 'file[]', '', '__proto__']);
    const fileName = random.pick([
      `input.${extension}`,
      'input',
      '../../x.csv',
      'x.pkl',
      '',
      'é.csv',
      'a"b.csv',
    ]);
    const option = random.pick([
      'meanOnly',
      'quantiles',
      'quantiles[a][b]',
      'x1',
      '__proto__',
      'samples[]',
      'constructor',
    ]);
    const body = Buffer.concat([
      Buffer.from(
        `--b\r\nContent-Disposition: form-data; name="${option}"\r\n\r\n${random.pick(['true', '5', 'x', ''])}\r\n`,
      ),
      Buffer.from(
        `--b\r\nContent-Disposition: form-data; name="${field}"; filename="${fileName}"\r\nContent-Type: ${type}\r\n\r\n`,
      ),
      Buffer.from(content),
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const whole = random.chance(0.4)
      ? random.damage(body, ['\r\n', '--b', '--b--', ';', 'name=', '"', '\0'])
      : body;
    return post(
      random,
      random.pick([
        'multipart/form-data; boundary=b',
        'multipart/form-data; boundary="b"',
        'multipart/form-data',
        'multipart/form-data; boundary=',
        'multipart/mixed; boundary=b',
      ]),
      whole,
    );
  },

  'GET with an odd query': (random) => ({
    method: random.pick(['GET', 'GET', 'GET', 'HEAD']),
    path: `${predictPath(random)}?${random.chance(0.6) ? bodies.oddQuery(random) : `x1=1&x2=2&x3=0&${bodies.oddOptionQuery(random)}`}`,
    headers: { accept: random.pick(ACCEPTS) },
  }),

  'odd methods': (random) => ({
    method: random.pick(METHODS),
    path: random.pick([predictPath(random), '/models', '/health/live', '/docs', '/', '/models/iso']),
    headers: { 'content-type': 'application/json' },
    ...(random.chance(0.5) && { body: '[[1,2,3]]' }),
  }),

  'odd paths': (random) => ({
    method: random.pick(['GET', 'POST', 'HEAD']),
    path: `/${Array.from({ length: random.int(1, 5) }, () => random.pick(SEGMENTS)).join('/')}${random.pick(['', '', '?', '?x1', '?%ZZ=%', '#a', '?a=b?c=d', '/'])}`,
    headers: {},
  }),
};

/** Bytes that are hardly HTTP. */
export function brokenHttp(random: FuzzRandom): Buffer {
  const body = '[[1,2,3]]';
  const whole = `POST /predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const start = random.pick([
    'GET / HTTP/9.9',
    'FOO /predict HTTP/1.1',
    'GET  /predict HTTP/1.1',
    'GET /pre dict HTTP/1.1',
    'POST /predict',
    '\0',
    'GET /%0d%0a HTTP/1.1',
    `GET /${'x'.repeat(17_000)} HTTP/1.1`,
  ]);
  const header = random.pick([
    'Content-Length: -1',
    'Content-Length: 1, 2',
    'Transfer-Encoding: nonsense',
    'Transfer-Encoding: chunked\r\nContent-Length: 3',
    ': x',
    'A\0B: c',
    'no colon',
    `Long: ${'x'.repeat(17_000)}`,
  ]);
  const heads = [
    `${start}\r\nHost: x\r\nConnection: close\r\n\r\n`,
    `POST /predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n\r\n${body}`,
  ];
  return random.chance(0.3)
    ? Buffer.from(whole.replace('\r\n\r\n', `\r\n${header}\r\n\r\n`), 'latin1')
    : Buffer.from(random.pick(heads), 'latin1');
}
