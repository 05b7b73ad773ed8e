const PRIMES = [2654435761, 2246822519, 3266489917, 668265263, 374761393] as const;

/** XXH32 with seed 0, as the LZ4 frame format uses it. xxHash specification 0.1.1, section "XXH32 algorithm". */
export function xxhash32(bytes: Uint8Array): number {
  const [p1, p2, p3, p4, p5] = PRIMES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = p5 | 0;
  if (bytes.length >= 16) {
    const lanes = Int32Array.of(p1 + p2, p2, 0, -p1);
    for (; at + 16 <= bytes.length; at += 16) {
      for (let lane = 0; lane < 4; lane += 1) {
        const sum = (lanes[lane] + Math.imul(view.getInt32(at + 4 * lane, true), p2)) | 0;
        lanes[lane] = Math.imul(rotate(sum, 13), p1);
      }
    }
    hash = (rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18)) | 0;
  }
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(view.getInt32(at, true), p3)) | 0, 17), p4);
  }
  for (; at < bytes.length; at += 1) {
    hash = Math.imul(rotate((hash + Math.imul(bytes[at], p5)) | 0, 11), p1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), p2);
  hash = Math.imul(hash ^ (hash >>> 13), p3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
