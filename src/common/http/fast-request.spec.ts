import { describe, expect, it } from 'vitest';
import { INCOMPLETE, MOST_FAST_BYTES, readFastRequest } from './fast-request.js';

const read = (text: string) => readFastRequest(Buffer.from(text, 'latin1'));
const post = (fields: string, body = '{}', line = 'POST /predict HTTP/1.1'): string =>
  `${line}\r\nHost: a\r\n${fields}\r\n${body}`;
const LENGTH = 'Content-Length: 2\r\n';

describe('readFastRequest', () => {
  it('reads a POST', () => {
    const fields =
      'accept:text/csv\r\nContent-TYPE: \t application/json; charset=utf-8 \r\nX-Request-Id: a-1\r\nX-Other: a b\tc\r\n';
    const text = post(fields + LENGTH, '{}', 'POST /models/a.b-c/predict?x=1,2&y=%20 HTTP/1.1');
    const request = read(`${text}POST /next`);
    expect(request).toEqual({
      method: 'POST',
      url: '/models/a.b-c/predict?x=1,2&y=%20',
      path: '/models/a.b-c/predict',
      query: 'x=1,2&y=%20',
      accept: 'text/csv',
      contentType: 'application/json; charset=utf-8',
      requestId: 'a-1',
      keepAlive: true,
      body: Buffer.from('{}'),
      bytes: text.length,
    });
  });

  it('reads a GET, and what stays of the connection', () => {
    expect(read('GET /predict?x1=1 HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n')).toMatchObject({
      method: 'GET',
      path: '/predict',
      keepAlive: false,
      body: Buffer.alloc(0),
    });
    expect(read(post(`Connection: keep-alive\r\n${LENGTH}`))).toMatchObject({ keepAlive: true });
  });

  it('waits for the rest of a body, but not of a head', () => {
    const text = post(`Content-Type: application/json\r\n${LENGTH}`);
    const head = text.length - '{}'.length;
    for (let length = 0; length < head; length++) expect(read(text.slice(0, length))).toBeUndefined();
    for (let length = head; length < text.length; length++)
      expect(read(text.slice(0, length))).toBe(INCOMPLETE);
    expect(read(text)).toMatchObject({ bytes: text.length });
  });

  it('trims blanks, and no more, from a value', () => {
    const fields = 'Accept:\t a \t b \t\r\nContent-Type: \t \r\nX-Request-Id:a\r\n';
    const expected = { accept: 'a \t b', contentType: '', requestId: 'a' };
    expect(read(post(fields + 'Content-Length: \t2\t \r\n'))).toMatchObject(expected);
  });

  it('reads a hundred headers, and leaves more to Node', () => {
    const others = (count: number): string => 'A: b\r\n'.repeat(count);
    expect(read(post(others(98) + LENGTH))).toMatchObject({ bytes: expect.any(Number) as number });
    expect(read(post(others(99) + LENGTH))).toBeUndefined();
  });

  it.each([
    ['another method', post(LENGTH, '{}', 'PUT /predict HTTP/1.1')],
    ['a method in small letters', post(LENGTH, '{}', 'post /predict HTTP/1.1')],
    ['TLS', '\x16\x03\x01\x02'],
    ['HTTP/1.0', post(LENGTH, '{}', 'POST /predict HTTP/1.0')],
    ['a whole URL', post(LENGTH, '{}', 'POST http://a/predict HTTP/1.1')],
    ['two blanks', post(LENGTH, '{}', 'POST  /predict HTTP/1.1')],
    ['an encoded path', post(LENGTH, '{}', 'POST /models/%61/predict HTTP/1.1')],
    ['a fragment', post(LENGTH, '{}', 'POST /predict#a HTTP/1.1')],
    ['brackets in the query', post(LENGTH, '{}', 'POST /predict?a[]=1 HTTP/1.1')],
    ['bare line feeds', post(LENGTH).replaceAll('\r', '')],
    ['one bare line feed', post(`A: b\n${LENGTH}`)],
    ['a preference', post(`Prefer: respond-async\r\n${LENGTH}`)],
    ['a folded field', post(`A: b\r\n c\r\n${LENGTH}`)],
    ['a blank before the colon', post(`A : b\r\n${LENGTH}`)],
    ['no colon', post(`A\r\n${LENGTH}`)],
    ['a byte that is not ASCII', post(`A: \xe9\r\n${LENGTH}`)],
    ['a zero byte in a value', post(`A: b\0c\r\n${LENGTH}`)],
    ['a zero byte in the path', post(LENGTH, '{}', 'POST /pre\0dict HTTP/1.1')],
    ['a DEL', post(`A: \x7f\r\n${LENGTH}`)],
    ['a blank in a name', post(`A B: c\r\n${LENGTH}`)],
    ['no name', post(`: c\r\n${LENGTH}`)],
    ['a blank before the first name', post(` A: c\r\n${LENGTH}`)],
    ['an empty line before', `\r\n${post(LENGTH)}`],
    ['a control character', post(`A: \x01\r\n${LENGTH}`)],
    ['a carriage return in a value', post(`A: b\rc\r\n${LENGTH}`)],
    ['no Host', `POST /predict HTTP/1.1\r\n${LENGTH}\r\n{}`],
    ['two Hosts', post(`Host: b\r\n${LENGTH}`)],
    ['two types', post(`Content-Type: a/b\r\nContent-Type: a/b\r\n${LENGTH}`)],
    ['two Accepts', post(`Accept: a/b\r\naccept: a/b\r\n${LENGTH}`)],
    ['no length', post('')],
    ['two lengths', post(LENGTH + LENGTH)],
    ['two lengths in one', post('Content-Length: 2, 2\r\n')],
    ['a length with a sign', post('Content-Length: +2\r\n')],
    ['a length below zero', post('Content-Length: -2\r\n')],
    ['a length with a blank inside', post('Content-Length: 2 2\r\n')],
    ['a length of many digits', post('Content-Length: 000002\r\n')],
    ['an empty length', post('Content-Length:\r\n')],
    ['a hexadecimal length', post('Content-Length: 0x2\r\n')],
    ['a GET with a length', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'],
    ['a large body', post(`Content-Length: ${MOST_FAST_BYTES}\r\n`)],
    ['a large head', post(`A: ${'b'.repeat(MOST_FAST_BYTES)}\r\n${LENGTH}`)],
    ['a large head without an end', `POST /predict HTTP/1.1\r\nA: ${'b'.repeat(MOST_FAST_BYTES)}`],
    ['chunks', post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['chunks and a length', post(`transfer-ENCODING: chunked\r\n${LENGTH}`)],
    ['a compressed body', post(`Content-Encoding: gzip\r\n${LENGTH}`)],
    ['Expect', post(`Expect: 100-continue\r\n${LENGTH}`)],
    ['Upgrade', post(`Connection: Upgrade\r\nUpgrade: h2c\r\n${LENGTH}`)],
    ['Upgrade without Connection', post(`Upgrade: h2c\r\n${LENGTH}`)],
    ['a list of Connections with close', post(`Connection: x, close\r\n${LENGTH}`)],
    ['an empty Connection', post(`Connection:\r\n${LENGTH}`)],
    ['two Connections', post(`Connection: close\r\nConnection: close\r\n${LENGTH}`)],
    ['no Transfer-Encoding', post(`Transfer-Encoding:\r\n${LENGTH}`)],
    ['a list of Connections', post(`Connection: keep-alive, x\r\n${LENGTH}`)],
    ['Trailer', post(`Trailer: a\r\n${LENGTH}`)],
  ])('leaves %s to Node', (_what, text) => {
    expect(read(text)).toBeUndefined();
  });
});
