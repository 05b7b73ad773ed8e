import type { ServerResponse } from 'node:http';

/** Aborts when the client hangs up before its answer was sent whole, or has done so. */
export function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const look = (): void => {
    if (!response.writableFinished) gone.abort();
  };
  if (response.closed) look();
  else response.once('close', look);
  return gone.signal;
}
