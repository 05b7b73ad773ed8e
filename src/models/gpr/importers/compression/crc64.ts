/** The polynomial of ECMA-182, reversed, in two halves. */
const LOW = 0xd7870f42;
const HIGH = 0xc96c5795;

const [TABLE_LOW, TABLE_HIGH] = makeTables();

/** CRC-64 as `.xz` has it (ECMA-182, reflected, inverted), as eight bytes, the least significant first. */
export function crc64(bytes: Uint8Array): Uint8Array {
  let low = 0xffffffff | 0;
  let high = 0xffffffff | 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const at = (low ^ bytes[i]) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ TABLE_LOW[at];
    high = (high >>> 8) ^ TABLE_HIGH[at];
  }
  const result = Buffer.alloc(8);
  result.writeUInt32LE(~low >>> 0, 0);
  result.writeUInt32LE(~high >>> 0, 4);
  return result;
}

function makeTables(): [Int32Array, Int32Array] {
  const tables: [Int32Array, Int32Array] = [new Int32Array(256), new Int32Array(256)];
  for (let byte = 0; byte < 256; byte += 1) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd === 1) {
        low ^= LOW;
        high ^= HIGH;
      }
    }
    tables[0][byte] = low;
    tables[1][byte] = high;
  }
  return tables;
}
