import { describe, expect, it } from 'vitest';
import { type NpyArray, writeNpy } from '../src/common/media/npy.js';
import { writeNpz } from '../src/common/media/npz.js';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { expectProblem } from './support/problem.js';
import { golden, useApp } from './support/test-app.js';

const expected = goldenAnswer('gpy/rbf-iso');
const X = expected.X_test;
const INPUTS = ['x1', 'x2', 'x3'];
const answers = { mean: expected.mean.flat(), variance: (expected.variance_observed as number[][]).flat() };

const lines = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => row.join(',')).join('\n');
const header = lines([INPUTS, ...X]);
const noHeader = lines(X);
const permuted = lines([['x3', 'x1', 'x2'], ...X.map(([x1, x2, x3]) => [x3, x1, x2])]);
const npy = writeNpy([X.length, 3], Float64Array.from(X.flat()));
const column = (input: number): NpyArray => ({
  shape: [X.length],
  data: Float64Array.from(X, (row) => row[input]),
});
const npzByInput = writeNpz({ x2: column(1), x1: column(0), x3: column(2) });
const npzWhole = writeNpz({ anything: { shape: [X.length, 3], data: Float64Array.from(X.flat()) } });

describe('a body that is a file', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });

  it.each<[string, string, string | Buffer]>([
    ['CSV with a header', 'text/csv', header],
    ['CSV without a header', 'text/csv', noHeader],
    ['CSV with its columns permuted', 'text/csv; charset=utf-8', permuted],
    ['CSV with Windows line breaks and a BOM', 'text/csv', `\ufeff${header.replaceAll('\n', '\r\n')}\r\n`],
    ['CSV with semicolons', 'text/csv', header.replaceAll(',', ';')],
    ['npy', 'application/x-npy', npy],
    ['npy that is called bytes', 'application/octet-stream', npy],
    ['npz with one array', 'application/x-npz', npzWhole],
    ['npz with an array an input', 'application/x-npz', npzByInput],
    ['npz that is called zip', 'application/zip', npzByInput],
  ])('%s is answered as the same rows in JSON', async (_what, type, body) => {
    const response = await app.request().post('/predict').type(type).send(body).expect(200);
    expectNumbers(response.body, answers);
  });

  it.each<[string, string, Buffer]>([
    ['npy', 'application/x-npy', writeNpy([2, 3, 3], Float64Array.from(X.slice(0, 6).flat()))],
    [
      'npz',
      'application/x-npz',
      writeNpz(
        Object.fromEntries(
          INPUTS.map((name, i) => [name, { shape: [2, 1, 3], data: column(i).data.slice(0, 6) }]),
        ),
      ),
    ],
  ])('takes a mesh of points in %s as one long list', async (_what, type, body) => {
    const response = await app.request().post('/predict').type(type).send(body).expect(200);
    expectNumbers(response.body, { mean: answers.mean.slice(0, 6), variance: answers.variance.slice(0, 6) });
  });

  it('a CSV of one row is answered with numbers', async () => {
    const { body } = await app.request().post('/predict').type('text/csv').send(X[0].join(',')).expect(200);
    expectNumbers(body, { mean: answers.mean[0], variance: answers.variance[0] });
  });

  it('takes its options from the query', async () => {
    const { body } = await app
      .request()
      .post('/predict?meanOnly=1')
      .type('text/csv')
      .send(header)
      .expect(200);
    expectNumbers(body, { mean: answers.mean });
  });
});

describe('curl -F file=@...', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });
  const upload = (content: string | Buffer, filename: string, contentType?: string) =>
    app
      .request()
      .post('/predict')
      .attach('file', Buffer.from(content), { filename, ...(contentType && { contentType }) });

  it.each<[string, string | Buffer, string | undefined]>([
    ['input.csv', header, 'text/csv'],
    ['INPUT.CSV', permuted, 'application/octet-stream'],
    ['input.txt', noHeader, 'text/plain'],
    ['input', header, 'text/csv'],
    ['input.json', JSON.stringify(X), 'application/json'],
    ['input', JSON.stringify({ inputs: X }), 'application/octet-stream'],
    ['input.npy', npy, 'application/octet-stream'],
    ['no name for it.bin', npy, 'application/octet-stream'],
    ['input.npz', npzByInput, 'application/octet-stream'],
  ])('reads %s', async (filename, content, type) => {
    expectNumbers((await upload(content, filename, type).expect(200)).body, answers);
  });

  it('takes options from the fields of the form, and those of a JSON file', async () => {
    const byField = await upload(header, 'input.csv')
      .field('meanOnly', 'true')
      .field('quantiles', '2.5,97.5');
    expectNumbers(byField.body, {
      mean: answers.mean,
      quantiles: { '2.5': expected.quantiles?.['2.5'].flat(), '97.5': expected.quantiles?.['97.5'].flat() },
    });
    const byFile = await upload(JSON.stringify({ inputs: X, options: { meanOnly: true } }), 'x.json');
    expectNumbers(byFile.body, { mean: answers.mean });
  });

  it.each<[string, number, string, ReturnType<typeof upload> | (() => ReturnType<typeof upload>)]>([
    ['an unknown field', 400, 'INVALID_INPUT', () => upload(header, 'x.csv').field('quantile', '5')],
    [
      'an option in brackets',
      400,
      'INVALID_INPUT',
      () => upload(header, 'x.csv').field('quantiles[a][b]', '5'),
    ],
    ['a field called __proto__', 400, 'INVALID_INPUT', () => upload(header, 'x.csv').field('__proto__', '5')],
    [
      'a second file',
      400,
      'INVALID_INPUT',
      () => upload(header, 'x.csv').attach('file', Buffer.from('1'), 'y.csv'),
    ],
    [
      'a file in another field',
      400,
      'INVALID_INPUT',
      () => app.request().post('/predict').attach('data', Buffer.from(header), 'x.csv'),
    ],
    ['no file', 400, 'INVALID_INPUT', () => app.request().post('/predict').field('meanOnly', 'true')],
    ['an image', 415, 'UNSUPPORTED_MEDIA_TYPE', () => upload('\x89PNG\r\n', 'x.png', 'image/png')],
    ['an empty file', 400, 'INVALID_INPUT', () => upload('', 'x.csv')],
    ['a pickle', 415, 'UNSUPPORTED_MEDIA_TYPE', () => upload(Buffer.from([0x80, 4, 0x2e]), 'x.pkl')],
  ])('refuses %s', async (_what, status, code, send) => {
    expectProblem(await (send as () => ReturnType<typeof upload>)(), status, code);
  });

  it.each([
    ['no boundary', 'multipart/form-data', 'x'],
    ['a boundary that never comes', 'multipart/form-data; boundary=abc', 'nothing of the kind'],
    [
      'an end that is missing',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n1,2',
    ],
    ['an empty body', 'multipart/form-data; boundary=b', ''],
  ])('refuses a form with %s', async (_what, type, body) => {
    const response = await app.request().post('/predict').set('Content-Type', type).send(body);
    expect(expectProblem(response, 400, 'INVALID_INPUT').errors?.[0].path).toBe('file');
  });
});
