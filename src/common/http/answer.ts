import type { ServerResponse } from 'node:http';
import { type BodyPieces, sendPieces } from './send-pieces.js';

/** What a request is answered with, whichever way it came in. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | BodyPieces;
}

/** An answer that is there as a whole. */
export interface WholeAnswer extends Answer {
  readonly body: string | Uint8Array;
}

/** Resolves when all is handed to the connection, or the client is gone. */
export function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: Answer,
): Promise<void> | undefined {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (isPieces(body)) return sendPieces(response, body);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
  return undefined;
}

export function isPieces(body: Answer['body']): body is BodyPieces {
  return typeof body === 'object' && 'pieces' in body;
}
