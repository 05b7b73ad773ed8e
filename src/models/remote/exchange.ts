import {
  type Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { request as httpsRequest } from 'node:https';

/** One HTTP request, whole. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Until the last byte of the answer. */
  readonly timeoutMs: number;
  /** Largest body of an answer. */
  readonly maxBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** No answer came: no connection, one that broke, one too slow, or one that says too much. */
export class ExchangeError extends Error {
  constructor(
    readonly kind: 'network' | 'timeout' | 'too-large',
    message: string,
  ) {
    super(message);
  }
}

/** Sends a request and reads its answer, of whatever status. Throws ExchangeError, and the signal's reason. */
export function exchange(
  agent: HttpAgent,
  url: URL,
  options: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { method, headers, body, timeoutMs, maxBytes } = options;
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = open(url, {
      agent,
      method,
      headers: { ...headers, ...(body && { 'Content-Length': body.length }) },
    });
    const fail = (error: Error): void => {
      finish();
      reject(error);
      request.destroy();
    };
    const abort = (): void => fail(signal.reason as Error);
    const timer = setTimeout(
      () => fail(new ExchangeError('timeout', `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const broken = (error: NodeJS.ErrnoException): void =>
      fail(new ExchangeError('network', error.code ?? 'a broken connection'));

    signal.addEventListener('abort', abort, { once: true });
    request.on('error', broken);
    request.once('response', (response: IncomingMessage) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('error', broken);
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes <= maxBytes) parts.push(part);
        else fail(new ExchangeError('too-large', `an answer of more than ${maxBytes} bytes`));
      });
      response.once('end', () => {
        finish();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
      });
    });
    request.end(body);
    if (signal.aborted) abort();
  });
}
