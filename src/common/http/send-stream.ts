import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Answer, sendAnswer } from './answer.js';

/** An answer that is read from elsewhere while it is sent. */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  /** Of the body, where it is known. */
  readonly byteLength?: number;
}

/** What a pipeline says of a client that hangs up meanwhile, or has done so before. */
const HUNG_UP = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE']);

/** Sends any answer. A stream that breaks breaks the connection off, so that nobody takes a part for the whole. */
export async function sendAnyAnswer(
  response: ServerResponse,
  answer: Answer | StreamedAnswer,
): Promise<void> {
  if (!isStreamed(answer)) {
    await sendAnswer(response, answer);
    return;
  }
  const { status, headers, body, byteLength } = answer;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (byteLength !== undefined) response.setHeader('Content-Length', byteLength);
  if (response.req.method === 'HEAD') {
    body.destroy();
    response.end();
    return;
  }
  try {
    await pipeline(body, response);
  } catch (error) {
    body.destroy();
    // A client that hangs up is no failure of the server's.
    if (!HUNG_UP.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function isStreamed(answer: Answer | StreamedAnswer): answer is StreamedAnswer {
  return typeof answer.body === 'object' && 'pipe' in answer.body;
}
