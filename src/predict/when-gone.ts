import type { ServerResponse } from 'node:http';

/** Aborts when the client hangs up before its answer was sent whole. */
export function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
