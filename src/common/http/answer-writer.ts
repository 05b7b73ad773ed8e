import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { WholeAnswer } from './answer.js';

/** Writes answers, whose headers are valid, to sockets: the head in one piece with the body, and once for all what is the same in each. */
export class AnswerWriter {
  readonly #fixed: string;
  readonly #keep: string;
  #date = '';
  #second = 0;

  /** `headers`: those of every answer. `keepAliveMs`: how long a connection may idle. */
  constructor(headers: Readonly<Record<string, string>>, keepAliveMs: number) {
    this.#fixed = fieldLines(headers);
    this.#keep = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n`;
  }

  write(socket: Socket, { status, headers, body }: WholeAnswer, requestId: string, keepAlive: boolean): void {
    const length = Buffer.byteLength(body);
    const head =
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nX-Request-Id: ${requestId}\r\n${this.#fixed}` +
      `${fieldLines(headers)}Content-Length: ${length}\r\nDate: ${this.#now()}\r\n` +
      `${keepAlive ? this.#keep : 'Connection: close\r\n'}\r\n`;
    if (typeof body === 'string' && body.length === length) {
      socket.write(head + body, 'latin1');
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body, 'utf8');
    socket.uncork();
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

function fieldLines(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return lines;
}
