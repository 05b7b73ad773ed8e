import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

const CHUNK_BYTES = 64 * 1024;

/**
 * The pieces of a request's body, decompressed. Who stops reading leaves the connection open for an answer. Throws the
 * errors of `bodyError`: of an unknown encoding, of a broken one, of a client that is gone.
 */
export async function* decodedBody(request: IncomingMessage): AsyncGenerator<Buffer> {
  const decoder = decoderOf(request);
  const source: Readable = decoder ? pipeline(request, decoder, () => undefined) : request;
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (error) {
    if (!request.complete) throw bodyError(400, 'request.aborted', 'The client is gone.');
    throw decoder ? bodyError(400, 'encoding.broken', (error as Error).message) : error;
  }
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
