import type { IncomingMessage } from 'node:http';
import { bodyError, decoderOf, isEncoded } from '../common/http/decoded-body.js';
import { BodyTooLargeError } from './predict-errors.js';

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
      if (request.destroyed) gone();
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

/** How long the body says it is, decompressed. */
export function bodyLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined || isEncoded(headers['content-encoding']) ? undefined : Number(length);
}
