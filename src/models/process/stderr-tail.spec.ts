import { expect, it } from 'vitest';
import { StderrTail } from './stderr-tail.js';

function linesOf(...chunks: (string | Buffer)[]): { lines: string[]; text: string } {
  const lines: string[] = [];
  const tail = new StderrTail((line) => lines.push(line));
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  tail.end();
  return { lines, text: tail.text };
}

it('tells lines, however the text is cut', () => {
  expect(linesOf('step 1\nst', 'ep', ' 2\n\nstep 3').lines).toEqual(['step 1', 'step 2', '', 'step 3']);
});

it('keeps characters whole that two chunks share', () => {
  const bytes = Buffer.from('5 µm');
  expect(linesOf(bytes.subarray(0, 3), bytes.subarray(3)).lines).toEqual(['5 µm']);
});

it('cuts a line that does not end, and keeps the end of the text', () => {
  const { lines, text } = linesOf('x'.repeat(50_000), 'x'.repeat(50_000), '\nlast');
  expect(lines.map(({ length }) => length)).toEqual([8192, 4]);
  expect(text).toHaveLength(65_536);
  expect(text.endsWith('x\nlast')).toBe(true);
});
