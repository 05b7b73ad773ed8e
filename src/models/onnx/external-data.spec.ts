import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../test/support/test-app.js';
import { refuseExternalData } from './external-data.js';

const FOLDER = join(ROOT, 'test/golden/onnx');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.onnx'));
const outside = files.filter((file) => file.startsWith('refused-external'));

describe('refuseExternalData', () => {
  it.each(outside)('%s', (file) => {
    expect(() => refuseExternalData(readFileSync(join(FOLDER, file)))).toThrow(
      'keeps its numbers in another file',
    );
  });

  it.each(files.filter((file) => !outside.includes(file)))('has nothing against %s', (file) => {
    expect(() => refuseExternalData(readFileSync(join(FOLDER, file)))).not.toThrow();
  });

  it.each([
    ['a text', Buffer.from('not protobuf')],
    ['a length beyond the end', Buffer.from([0x3a, 0x7f, 0x00])],
    ['a number without an end', Buffer.from([0x08, 0xff, 0xff])],
    ['a group', Buffer.from([0x0b])],
    ['half a double', Buffer.from([0x09, 0, 0, 0])],
  ])('refuses %s', (_what, bytes) => {
    expect(() => refuseExternalData(bytes)).toThrow('Not an ONNX file, or a damaged one');
  });

  it('refuses graphs that are nested without end', () => {
    // Graph > node > attribute > graph ..., from the inside out.
    const wrap = (field: number, body: Buffer): Buffer => {
      const length: number[] = [];
      for (let rest = body.length; ; rest >>= 7) {
        length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
        if (rest <= 0x7f) break;
      }
      return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), body]);
    };
    let graph: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 40; depth++) graph = wrap(1, wrap(5, wrap(6, graph)));
    expect(() => refuseExternalData(wrap(7, graph))).toThrow('nested too deeply');
  });
});
