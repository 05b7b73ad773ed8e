import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { type Answer, isPieces } from './answer.js';
import { type BodyPieces, writePieces } from './send-pieces.js';

/** Writes answers, whose headers are valid, to sockets: the head in one piece with the body, and once for all what is the same in each. */
export class AnswerWriter {
  readonly #logger = new Logger(AnswerWriter.name);
  readonly #fixed: string;
  readonly #keep: string;
  #date = '';
  #second = 0;

  /** `headers`: those of every answer. `keepAliveMs`: how long a connection may idle. */
  constructor(headers: Readonly<Record<string, string>>, keepAliveMs: number) {
    this.#fixed = fieldLines(headers);
    this.#keep = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n`;
  }

  /** Undefined where all is handed to the socket; a promise where that takes its time. Neither throws nor rejects. */
  write(socket: Socket, answer: Answer, requestId: string, keepAlive: boolean): Promise<void> | undefined {
    const { body } = answer;
    if (isPieces(body)) {
      socket.write(this.#head(answer, requestId, keepAlive, body.byteLength), 'latin1');
      return this.#writePieces(socket, body);
    }
    const length = Buffer.byteLength(body);
    const head = this.#head(answer, requestId, keepAlive, length);
    if (typeof body === 'string' && body.length === length) {
      socket.write(head + body, 'latin1');
      return undefined;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body, 'utf8');
    socket.uncork();
    return undefined;
  }

  /** `length`: of the body; undefined for one in chunks. */
  #head(
    { status, headers }: Answer,
    requestId: string,
    keepAlive: boolean,
    length: number | undefined,
  ): string {
    return (
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nX-Request-Id: ${requestId}\r\n${this.#fixed}` +
      `${fieldLines(headers)}${length === undefined ? '' : `Content-Length: ${length}\r\n`}` +
      `Date: ${this.#now()}\r\n${keepAlive ? this.#keep : 'Connection: close\r\n'}` +
      `${length === undefined ? 'Transfer-Encoding: chunked\r\n' : ''}\r\n`
    );
  }

  async #writePieces(socket: Socket, { pieces, byteLength }: BodyPieces): Promise<void> {
    const chunked = byteLength === undefined;
    try {
      await writePieces(socket, pieces, (piece) =>
        chunked ? writeChunk(socket, piece) : socket.write(piece),
      );
      if (chunked && socket.writable) socket.write('0\r\n\r\n');
    } catch (error) {
      // What has begun cannot be told as a failure any more, but must not pass for whole.
      this.#logger.error(error);
      socket.destroy();
    }
  }

  #now(): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    return this.#date;
  }
}

/** RFC 9112, section 7.1. */
function writeChunk(socket: Socket, piece: Uint8Array): boolean {
  socket.cork();
  socket.write(`${piece.length.toString(16)}\r\n`, 'latin1');
  socket.write(piece);
  const more = socket.write('\r\n', 'latin1');
  socket.uncork();
  return more;
}

function fieldLines(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return lines;
}
