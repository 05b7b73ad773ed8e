import { randomUUID } from 'node:crypto';
import { maxHeaderSize, type Server, STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_CONTENT_TYPE, type ProblemFacts, toProblem } from './problem.js';

/** Takes over the answers that Node's HTTP server gives of its own, which have no body. */
export function explainRefusals(server: Server): void {
  server.on('clientError', answerBrokenRequest);
  // Node answers an unknown Expect with 417; it may be ignored as well (RFC 9110, section 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** Answers what is no HTTP, and so never becomes a request. */
function answerBrokenRequest(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex): void {
  // As Node's own handler does: an answer that has begun must not be written into.
  const { _httpMessage: current } = socket as Duplex & { _httpMessage?: ServerResponse };
  if (socket.writable && error.code !== 'ECONNRESET' && current?.headersSent !== true) {
    const headOnly = error.rawPacket?.toString('latin1', 0, 5) === 'HEAD ';
    socket.write(answer(factsOf(error.code), headOnly));
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

function answer(facts: ProblemFacts, headOnly: boolean): string {
  const id = randomUUID();
  const body = JSON.stringify(toProblem(facts, '', id));
  const head = [
    `HTTP/1.1 ${facts.status} ${STATUS_CODES[facts.status]}`,
    `Content-Type: ${PROBLEM_CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${headOnly ? '' : body}`;
}
