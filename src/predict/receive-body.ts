import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { BodyTooLargeError } from './predict-errors.js';

const CHUNK_BYTES = 64 * 1024;

/**
 * Calls `take` with each piece of a request's body as it arrives, decompressed, and settles after the last. What `take`
 * throws ends it, and the rest of the body is let pass. Throws BodyTooLargeError after `limit` bytes, and errors with a
 * `status` and a `type` as Express's body readers do: of an unknown encoding, of a broken one, of a client that is gone.
 */
export async function receiveBody(
  request: IncomingMessage,
  limit: number,
  take: (chunk: Buffer) => void,
): Promise<void> {
  const decoder = decoderOf(request);
  if (!decoder && Number(request.headers['content-length']) > limit) throw new BodyTooLargeError(limit);
  const source = decoder ? request.pipe(decoder) : request;
  let received = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      source.on('data', (chunk: Buffer) => {
        try {
          received += chunk.length;
          if (received > limit) throw new BodyTooLargeError(limit);
          take(chunk);
        } catch (error) {
          reject(error instanceof Error ? error : new Error('A body was not taken.', { cause: error }));
        }
      });
      source.once('end', resolve);
      decoder?.once('error', ({ message }) => reject(bodyError(400, 'encoding.broken', message)));
      const gone = (): void => reject(bodyError(400, 'request.aborted', 'The client is gone.'));
      request.once('error', gone);
      request.once('close', () => {
        if (!request.complete) gone();
      });
    });
  } catch (error) {
    source.removeAllListeners('data');
    if (decoder) request.unpipe(decoder);
    decoder?.on('error', () => undefined).destroy();
    // Only a client that has sent everything reads the answer.
    request.resume();
    throw error;
  }
}

/**
 * A request's body as it arrives, decompressed, as fast as it is taken. Throws as `receiveBody` does. Who stops early
 * must let the rest of the request pass.
 */
export async function* bodyChunks(request: IncomingMessage): AsyncGenerator<Buffer> {
  const decoder = decoderOf(request);
  const gone = (): Error => bodyError(400, 'request.aborted', 'The client is gone.');
  const source = decoder ? request.pipe(decoder) : request;
  // A pipe does not tell of a request that breaks off.
  request.once('close', () => {
    if (!request.complete) decoder?.destroy(gone());
  });
  try {
    // What destroys a request destroys its connection, and the answer with it.
    yield* source.iterator({ destroyOnReturn: decoder !== undefined }) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!request.complete && request.destroyed) throw gone();
    throw decoder ? bodyError(400, 'encoding.broken', (error as Error).message) : error;
  } finally {
    if (decoder) request.unpipe(decoder);
  }
}

/** How long the body says it is, decompressed. */
export function bodyLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined || isEncoded(headers['content-encoding']) ? undefined : Number(length);
}

function decoderOf({ headers }: IncomingMessage): Transform | undefined {
  const encoding = headers['content-encoding'];
  if (!isEncoded(encoding)) return undefined;
  switch (encoding?.toLowerCase()) {
    case 'gzip':
      return createGunzip({ chunkSize: CHUNK_BYTES });
    case 'deflate':
      return createInflate({ chunkSize: CHUNK_BYTES });
    case 'br':
      return createBrotliDecompress({ chunkSize: CHUNK_BYTES });
    default:
      throw bodyError(415, 'encoding.unsupported', 'The Content-Encoding is not known.');
  }
}

export function isEncoded(encoding: string | undefined): boolean {
  return encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity';
}

function bodyError(status: number, type: string, message: string): Error {
  return Object.assign(new Error(message), { status, type });
}
