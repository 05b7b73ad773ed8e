import type { ServerResponse } from 'node:http';

/** Aborts when the client hangs up before its answer was sent whole, or has done so. */
export function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const closed = (): void => {
    if (!response.writableFinished) gone.abort();
  };
  if (response.closed) closed();
  else response.once('close', closed);
  return gone.signal;
}
