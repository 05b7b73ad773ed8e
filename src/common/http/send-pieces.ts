import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

/** A large body that is made while it is sent. */
export interface BodyPieces {
  readonly pieces: Iterable<Uint8Array>;
  /** Length of the whole, where it is known before it is made. */
  readonly byteLength?: number;
}

/** What is written at once, at least: smaller pieces are put together. */
const GATHERED_BYTES = 32 * 1024;

/**
 * Sends a body piece by piece: the next is made when the client has taken most of those before, and other requests get
 * their turn in between. Stops where the client is gone.
 */
export async function sendPieces(
  response: ServerResponse,
  { pieces, byteLength }: BodyPieces,
): Promise<void> {
  if (byteLength !== undefined) response.setHeader('Content-Length', byteLength);
  await writePieces(response, pieces, (piece) => response.write(piece));
  if (!response.destroyed) response.end();
}

/** As `sendPieces`, without a beginning or an end. `write`: tells whether `to` wants more at once. */
export async function writePieces(
  to: Writable,
  pieces: Iterable<Uint8Array>,
  write: (piece: Uint8Array) => boolean,
): Promise<void> {
  for (const piece of gathered(pieces)) {
    if (to.destroyed || !to.writable) return;
    if (!write(piece)) await drainedOrClosed(to);
    // A socket that takes a piece at once drains within this turn of the event loop.
    await setImmediate();
  }
}

function drainedOrClosed(to: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      to.off('drain', settle).off('close', settle);
      resolve();
    };
    to.on('drain', settle).on('close', settle);
  });
}

function* gathered(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < GATHERED_BYTES) continue;
    yield waiting.length === 1 ? piece : Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
