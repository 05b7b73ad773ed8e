import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

const CHUNK_BYTES = 64 * 1024;

/**
 * A request's body as it arrives, decompressed, as fast as it is taken. Throws the
 * errors of `bodyError`: of an unknown encoding, of a broken one, of a client that is gone. Who stops early must let the
 * rest of the request pass.
 */
export async function* decodedBody(request: IncomingMessage): AsyncGenerator<Buffer> {
  const decoder = decoderOf(request);
  requireClient(request);
  const source = decoder ? request.pipe(decoder) : request;
  // A pipe does not tell of a request that breaks off, be it with bytes that came and were not read.
  request.once('close', () => {
    if (isBroken(request)) decoder?.destroy(goneError());
  });
  try {
    // What destroys a request destroys its connection, and the answer with it.
    yield* source.iterator({ destroyOnReturn: decoder !== undefined }) as AsyncIterable<Buffer>;
  } catch (error) {
    requireClient(request);
    throw decoder ? bodyError(400, 'encoding.broken', (error as Error).message) : error;
  } finally {
    if (decoder) request.unpipe(decoder);
  }
}

/** Whether the client has hung up and no more of the body comes, though it may have been sent: what was not read is lost. */
export function isBroken({ destroyed, readableEnded }: IncomingMessage): boolean {
  return destroyed && !readableEnded;
}

/** Throws where the client has hung up already: a request tells of that once, and whoever listens later waits for ever. */
export function requireClient(request: IncomingMessage): void {
  if (isBroken(request)) throw goneError();
}

export function goneError(): Error {
  return bodyError(400, 'request.aborted', 'The client is gone.');
}

/** What decompresses a request's body, if anything has to. Throws for an encoding that is not known. */
export function decoderOf({ headers }: IncomingMessage): Transform | undefined {
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

/** As Express's body readers throw them. */
export function bodyError(status: number, type: string, message: string): Error {
  return Object.assign(new Error(message), { status, type });
}
