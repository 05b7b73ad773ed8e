import { describe, expect, it } from 'vitest';
import { negotiate } from './negotiate.js';

describe('negotiate', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['text/*', 'csv'],
    ['text/csv', 'csv'],
    ['TEXT/CSV; header=present', 'csv'],
    ['application/x-npy', 'npy'],
    ['application/x-npz', 'npz'],
    ['text/csv, */*', 'csv'],
    ['*/*, application/x-npy', 'npy'],
    ['application/json, text/csv', 'json'],
    ['text/csv, application/json', 'csv'],
    ['text/csv;q=0.5, application/json;q=0.9', 'json'],
    ['application/json;q=0, */*', 'csv'],
    ['application/json ; q=0.1 , application/x-npz ; Q=0.2', 'npz'],
    ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'json'],
    ['application/json;q=2, text/csv;q=0.1', 'csv'],
    ['text/html', undefined],
    ['application/octet-stream', undefined],
    ['application/json;q=0', undefined],
    ['*/*;q=0', undefined],
    ['nonsense', undefined],
    [', ,;;q=,', undefined],
  ])('%j -> %s', (accept, format) => {
    expect(negotiate(accept)).toBe(format);
  });
});
