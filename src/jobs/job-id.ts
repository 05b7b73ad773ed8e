import { randomBytes } from 'node:crypto';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const MOST_COUNT = 0xfff;

let latest = 0;
let count = 0;

/**
 * A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 12 bits that count within a millisecond (6.2,
 * method 1), 62 random bits. Each of a process sorts after those before it.
 */
export function newJobId(): string {
  const now = Date.now();
  if (now > latest) {
    latest = now;
    count = 0;
  } else if (++count > MOST_COUNT) {
    // The clock is borrowed from rather than waited for.
    latest++;
    count = 0;
  }
  const bytes = randomBytes(16);
  bytes.writeUIntBE(latest, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Whether a text from a client can be the id of a job: what cannot is not looked for. */
export function isJobId(text: string): boolean {
  return UUID.test(text);
}
