import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Config } from '../common/config/config.js';
import type { FastServer } from '../common/http/fast-server.js';

const SWEEP_MS = 50;

/** Lets a stopping server finish the requests it has taken, for a bounded time. */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Shutdown.name);
  #stopping = false;

  constructor(
    private readonly config: Config,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Nest closes the HTTP server after this hook, and that waits for every open request. */
  beforeApplicationShutdown(signal?: string): void {
    this.#stopping = true;
    this.logger.log(`Stopping${signal === undefined ? '' : ` (${signal})`}: finishing the requests taken.`);
    const server = this.adapterHost.httpAdapter.getHttpServer() as FastServer;
    server.endConnections();
    // A connection that is kept alive after its last answer would hold the server open until it times out.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS).unref();
    server.once('close', () => clearInterval(sweep));
    setTimeout(() => {
      this.logger.warn('Some requests did not end in time, and were cut off.');
      server.closeAllConnections();
    }, this.config.shutdownTimeoutMs).unref();
  }
}
