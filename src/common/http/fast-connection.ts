import type { Socket } from 'node:net';
import type { Answer } from './answer.js';
import type { AnswerWriter } from './answer-writer.js';
import type { FastExchange, FastPath } from './fast-path.js';
import { type FastRequest, INCOMPLETE, readFastRequest } from './fast-request.js';

/** A request that comes in more pieces than this is slow anyway. */
const MOST_PIECES = 16;

const CR = 0x0d;
const LF = 0x0a;

/** What a connection needs of its server. */
export interface FastHost {
  readonly path: FastPath;
  readonly writer: AnswerWriter;
  /** Gives the connection to Node's HTTP server, for good, with what came and was not answered. */
  handOver(connection: FastConnection, pending: Buffer | undefined): void;
  closed(connection: FastConnection): void;
  /** Whether connections end with the answer to what they have sent. */
  isEnding(): boolean;
}

/**
 * One client's connection, while all it sends are plain requests for fast routes: answered one after the other. The
 * first request that is anything else goes to Node's HTTP server, and the connection with it.
 */
export class FastConnection {
  /** When the last answer was sent, or the connection made; by `performance.now()`. */
  since = performance.now();
  #pending: Buffer | undefined;
  #pieces = 0;
  #busy = false;
  #used = false;
  #gone: AbortController | undefined;

  constructor(
    readonly socket: Socket,
    private readonly host: FastHost,
  ) {
    socket
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('close', this.#onClose)
      .on('error', this.#onError);
  }

  /** Between two requests. */
  get idle(): boolean {
    return this.#used && this.waiting;
  }

  /** Nothing is being answered, nor has a request begun. */
  get waiting(): boolean {
    return !this.#busy && this.#pending === undefined;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** To be called while it is not busy. */
  handOver(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#detach();
    this.#resume();
    this.host.handOver(this, pending);
  }

  #detach(): void {
    this.socket
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('close', this.#onClose)
      .off('error', this.#onError);
  }

  readonly #onData = (piece: Buffer): void => {
    this.#pending = this.#pending === undefined ? piece : Buffer.concat([this.#pending, piece]);
    // What a client sends ahead waits where it is: answers leave in the order of the requests.
    if (this.#busy) this.socket.pause();
    else this.#readNext();
  };

  #readNext(): void {
    this.#pending = this.#pending && withoutEmptyLines(this.#pending);
    if (this.#pending === undefined) {
      this.#resume();
      return;
    }
    const request = readFastRequest(this.#pending);
    if (request === INCOMPLETE && ++this.#pieces < MOST_PIECES) {
      this.#resume();
      return;
    }
    if (request === INCOMPLETE || request === undefined) {
      this.handOver();
      return;
    }
    const exchange = this.host.path.take(request, this.#signal);
    if (exchange === undefined) {
      this.handOver();
      return;
    }
    this.#pieces = 0;
    this.#busy = true;
    this.#pending = this.#pending.length > request.bytes ? this.#pending.subarray(request.bytes) : undefined;
    void exchange.answer.then((answer) => this.#send(request, exchange, answer));
  }

  /** Not before what is there is used up: with more at each answer, it would grow as fast as a client can send. */
  #resume(): void {
    if (this.socket.isPaused()) this.socket.resume();
  }

  #send(request: FastRequest, exchange: FastExchange, answer: Answer): void {
    const { socket } = this;
    const keepAlive = request.keepAlive && !(this.host.isEnding() && this.#pending === undefined);
    const sending = socket.writable
      ? this.host.writer.write(socket, answer, exchange.requestId, keepAlive)
      : undefined;
    if (sending === undefined) this.#sent(keepAlive, exchange, answer);
    else void sending.then(() => this.#sent(keepAlive, exchange, answer));
  }

  #sent(keepAlive: boolean, { over }: FastExchange, { status }: Answer): void {
    const { socket } = this;
    const open = socket.writable;
    over(status, open);
    if (!open) return;
    if (!keepAlive) socket.destroySoon();
    else if (socket.writableNeedDrain) socket.once('drain', this.#proceed);
    else this.#proceed();
  }

  readonly #proceed = (): void => {
    this.#busy = false;
    this.#used = true;
    this.#gone = undefined;
    this.since = performance.now();
    this.#readNext();
  };

  readonly #signal = (): AbortSignal => {
    this.#gone ??= new AbortController();
    if (this.socket.destroyed) this.#gone.abort();
    return this.#gone.signal;
  };

  /** As Node's HTTP server: a client that says no more takes no answer, and what it has begun is cut short. */
  readonly #onEnd = (): void => {
    if (this.#busy || this.#pending === undefined) this.socket.end();
    else {
      this.handOver();
      this.socket.emit('end');
    }
  };

  readonly #onClose = (): void => {
    this.#gone?.abort();
    this.host.closed(this);
  };

  /** The socket closes by itself. */
  readonly #onError = (): void => {};
}

/**
 * Some clients end a body with an empty line more (RFC 9112, section 2.2). It begins no request: the connection is idle
 * still. Undefined where nothing else came.
 */
function withoutEmptyLines(bytes: Buffer): Buffer | undefined {
  let start = 0;
  while (bytes[start] === CR && bytes[start + 1] === LF) start += 2;
  return start === bytes.length ? undefined : bytes.subarray(start);
}
