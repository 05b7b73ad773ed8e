import { type RequestListener, Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AnswerWriter } from './answer-writer.js';
import { FastConnection, type FastHost } from './fast-connection.js';
import type { FastPath } from './fast-path.js';

const SWEEP_MS = 1000;
/** A connection that has sent no whole request for so long is Node's to wait for: it knows how long that may take. */
const PATIENCE_MS = 3000;
/** As Node's HTTP server: a client that still sends in the last moment is not cut off. */
const KEEP_ALIVE_GRACE_MS = 1000;

/** Node's HTTP server with a fast path before it: it sees only the connections that send what the fast path leaves. */
export class FastServer extends Server {
  readonly #connections = new Set<FastConnection>();
  /** Of Node's connections, the answers under way. */
  readonly #responses = new Set<ServerResponse>();
  #isEnding = false;
  #host: FastHost | undefined;

  constructor(listener: RequestListener) {
    super(listener);
    const own = this.listeners('connection') as ((socket: Socket) => void)[];
    this.removeAllListeners('connection');
    this.on('connection', (socket: Socket) => {
      if (this.#host === undefined) own.forEach((listen) => listen.call(this, socket));
      else this.#connections.add(new FastConnection(socket, this.#host));
    });
    this.on('listening', () => {
      const sweep = setInterval(() => this.#sweep(), SWEEP_MS).unref();
      this.once('close', () => clearInterval(sweep));
    });
    this.#giveToNode = (socket) => own.forEach((listen) => listen.call(this, socket));
    this.prependListener('request', (_request, response: ServerResponse) => {
      if (this.#isEnding) response.shouldKeepAlive = false;
      else this.#responses.add(response.once('close', () => this.#responses.delete(response)));
    });
  }

  readonly #giveToNode: (socket: Socket) => void;

  /** `headers`: those that every answer has. */
  useFastPath(path: FastPath, headers: Readonly<Record<string, string>>): void {
    this.#host = {
      path,
      writer: new AnswerWriter(headers, this.keepAliveTimeout),
      handOver: (connection, pending) => {
        this.#connections.delete(connection);
        this.#giveToNode(connection.socket);
        if (pending !== undefined) connection.socket.emit('data', pending);
      },
      closed: (connection) => this.#connections.delete(connection),
      isEnding: () => this.#isEnding,
    };
  }

  /** From now on an answer says that its connection ends with it, so that no client sends another request into the end. */
  endConnections(): void {
    this.#isEnding = true;
    // Of requests that a client has sent ahead, all are answered.
    const last = new Map([...this.#responses].map((response) => [response.req.socket, response]));
    for (const response of last.values()) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  override closeIdleConnections(): void {
    super.closeIdleConnections();
    for (const connection of this.#connections) if (connection.idle) connection.socket.destroy();
  }

  override closeAllConnections(): void {
    super.closeAllConnections();
    for (const { socket } of this.#connections) socket.destroy();
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections) {
      const age = now - connection.since;
      if (connection.idle) {
        if (age > this.keepAliveTimeout + KEEP_ALIVE_GRACE_MS) connection.socket.destroy();
      } else if (!connection.busy && age > PATIENCE_MS) connection.handOver();
    }
  }
}
