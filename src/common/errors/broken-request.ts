import { randomUUID } from 'node:crypto';
import { maxHeaderSize, STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_MEDIA_TYPE, type ProblemFacts, toProblem } from './problem.js';

/** Answers what is no HTTP, and so never becomes a request: for the server's `clientError` event. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  // As Node's own handler does: an answer that has begun must not be written into.
  const { _httpMessage: current } = socket as Duplex & { _httpMessage?: ServerResponse };
  if (socket.writable && error.code !== 'ECONNRESET' && current?.headersSent !== true) {
    socket.write(answer(factsOf(error.code)));
  }
  socket.destroy();
}

function factsOf(code: string | undefined): ProblemFacts {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        code: 'HEADERS_TOO_LARGE',
        message: `The address and the headers are larger than ${maxHeaderSize} bytes together. Send the inputs in the body of a POST.`,
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return {
        status: 413,
        code: 'BODY_TOO_LARGE',
        message: 'The chunk extensions of the body are too large.',
      };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, code: 'REQUEST_TIMEOUT', message: 'The request did not come whole in time.' };
    default:
      return { status: 400, code: 'MALFORMED_REQUEST', message: 'What came is not an HTTP/1.1 request.' };
  }
}

function answer(facts: ProblemFacts): string {
  const id = randomUUID();
  const body = JSON.stringify(toProblem(facts, '', id));
  const head = [
    `HTTP/1.1 ${facts.status} ${STATUS_CODES[facts.status]}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
