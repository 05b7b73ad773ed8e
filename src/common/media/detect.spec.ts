import { describe, expect, it } from 'vitest';
import { detectBody, detectFile } from './detect.js';
import { writeNpy } from './npy.js';
import { writeNpz } from './npz.js';

const BODIES = {
  json: Buffer.from(' {"x": 1}'),
  bomJson: Buffer.from('\ufeff[[1]]'),
  csv: Buffer.from('x\n1\n'),
  form: Buffer.from('x=1'),
  npy: writeNpy([1], Float64Array.of(1)),
  npz: writeNpz({ x: { shape: [1], data: Float64Array.of(1) } }),
  emptyNpz: writeNpz({}),
  empty: Buffer.alloc(0),
};

describe('detectBody', () => {
  it.each([
    ['application/json', 'json', 'json'],
    ['application/json; charset=utf-8', 'json', 'json'],
    ['application/json; charset="UTF8"', 'json', 'json'],
    ['Application/JSON;Charset=US-ASCII', 'json', 'json'],
    ['application/vnd.api+json', 'json', 'json'],
    ['application/json; charset=latin1', 'json', undefined],
    ['text/csv; charset=utf-16', 'csv', undefined],
    ['text/csv; header=present', 'csv', 'csv'],
    ['application/csv', 'csv', 'csv'],
    ['application/x-npy', 'npy', 'npy'],
    ['application/npy', 'npy', 'npy'],
    ['application/x-npz', 'npz', 'npz'],
    ['application/zip', 'npz', 'npz'],
    ['application/octet-stream', 'npy', 'npy'],
    ['application/octet-stream', 'npz', 'npz'],
    ['application/octet-stream', 'json', 'json'],
    ['application/octet-stream', 'bomJson', 'json'],
    ['application/octet-stream', 'csv', undefined],
    ['application/x-www-form-urlencoded', 'form', 'form'],
    ['application/x-www-form-urlencoded', 'json', 'json'],
    ['multipart/form-data; boundary=x', 'form', undefined],
    ['text/plain', 'json', undefined],
    ['+json', 'json', undefined],
    ['constructor', 'json', undefined],
    [undefined, 'json', 'json'],
    [undefined, 'csv', 'json'],
    [undefined, 'npy', 'npy'],
    [undefined, 'npz', 'npz'],
    [undefined, 'emptyNpz', 'npz'],
    [undefined, 'empty', 'json'],
    ['', 'npy', 'npy'],
  ] as const)('%s with a body of %s -> %s', (contentType, body, format) => {
    expect(detectBody(contentType, BODIES[body])).toBe(format);
  });
});

describe('detectFile', () => {
  it.each([
    ['points.csv', undefined, 'csv', 'csv'],
    ['points.TXT', 'application/octet-stream', 'csv', 'csv'],
    ['points.csv', 'application/octet-stream', 'npy', 'npy'],
    ['points.npy', undefined, 'csv', 'npy'],
    ['a.b/c.json', 'text/csv', 'json', 'json'],
    ['points', 'text/csv', 'csv', 'csv'],
    ['points.dat', 'application/json; charset=utf-8', 'json', 'json'],
    [undefined, undefined, 'npz', 'npz'],
    [undefined, undefined, 'json', 'json'],
    [undefined, undefined, 'csv', undefined],
    ['points.xlsx', 'application/vnd.ms-excel', 'csv', undefined],
    ['x.__proto__', undefined, 'empty', undefined],
  ] as const)('%s, %s, holding %s -> %s', (filename, contentType, body, format) => {
    expect(detectFile(filename, contentType, BODIES[body])).toBe(format);
  });
});
