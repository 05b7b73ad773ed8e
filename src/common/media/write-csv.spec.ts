import { describe, expect, it } from 'vitest';
import { readCsvRows } from './csv-rows.js';
import { csvChunks, writeCsv } from './write-csv.js';

describe('writeCsv', () => {
  it('writes a header and the shortest numbers', () => {
    const csv = writeCsv(['mean', 'variance'], [Float64Array.of(0.1, -1e-7), [1e21, 3]]);
    expect(csv.toString()).toBe('mean,variance\n0.1,1e+21\n-1e-7,3\n');
  });

  it('writes a header alone when there are no rows', () => {
    expect(writeCsv(['a'], [[]]).toString()).toBe('a\n');
  });

  it('is read back by readCsvRows, names and last bits included', () => {
    const names = ['a,b', 'say "hi"', ' c\n', '#d', 'e;f', '__proto__'].map((name) => name.trim());
    const columns = names.map((_, j) =>
      Array.from({ length: 10_000 }, (_row, i) => Math.sin(i + j) * 10 ** ((i % 40) - 20)),
    );
    const X = readCsvRows(writeCsv(names, columns), names);
    expect(X.rows).toBe(10_000);
    columns.forEach((column, j) => {
      expect(column.every((value, i) => X.get(i, j) === value)).toBe(true);
    });
  });

  it('comes in chunks', () => {
    const chunks = [...csvChunks(['a'], [new Float64Array(10_000)])];
    expect(chunks.length).toBeGreaterThan(2);
    expect(Buffer.concat(chunks).toString()).toBe(`a\n${'0\n'.repeat(10_000)}`);
  });

  it('refuses columns that do not fit, and what no response may hold', () => {
    expect(() => writeCsv(['a', 'b'], [[1]])).toThrow(RangeError);
    expect(() => writeCsv(['a', 'b'], [[1], [1, 2]])).toThrow(RangeError);
    expect(() => writeCsv(['a'], [[1, NaN]])).toThrow('a is NaN in row 1, not a finite number.');
  });
});
