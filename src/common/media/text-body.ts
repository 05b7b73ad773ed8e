import { isUtf8 } from 'node:buffer';
import { type BodyFormat, type BodyPlace, MalformedBodyError } from './issue.js';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** The body as text, a leading byte order mark removed. Throws MalformedBodyError when it is not UTF-8. */
export function decodeUtf8(body: Buffer, format: BodyFormat): string {
  if (!isUtf8(body)) {
    throw new MalformedBodyError(format, `${notUtf8(body)} Send UTF-8.`, { byte: firstInvalidByte(body) });
  }
  return body.toString('utf8', body.subarray(0, 3).equals(BOM) ? 3 : 0);
}

/** Line and column, both from 1, of a place in a text. */
export function placeIn(text: string, index: number): BodyPlace {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: index - lineStart + 1 };
}

function notUtf8(body: Buffer): string {
  const [first, second] = body;
  const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return utf16 ? 'the text is UTF-16, not UTF-8.' : 'a byte that is not UTF-8.';
}

/** Decoding puts U+FFFD where bytes are wrong; one that the body really holds is stepped over. */
function firstInvalidByte(body: Buffer): number {
  const text = body.toString('utf8');
  let byte = 0;
  let from = 0;
  for (;;) {
    const at = text.indexOf('\ufffd', from);
    if (at === -1) return byte;
    byte += Buffer.byteLength(text.slice(from, at));
    const genuine = body[byte] === 0xef && body[byte + 1] === 0xbf && body[byte + 2] === 0xbd;
    if (!genuine) return byte;
    byte += 3;
    from = at + 1;
  }
}
