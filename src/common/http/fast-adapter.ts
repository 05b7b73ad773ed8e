import { ExpressAdapter } from '@nestjs/platform-express';
import { FastServer } from './fast-server.js';

/** Nest on Express, on a server that has a fast path. */
export class FastAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    this.httpServer = new FastServer(this.getInstance());
  }
}
