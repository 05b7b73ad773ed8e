import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProcessTree } from '../http/process-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const SETTLE_MS = 3000;

/** Resident bytes of a server that has started, with its job engine open, and does nothing. */
export async function idleMemory(dataDir: string): Promise<number> {
  const server = new ProcessTree({
    argv: [process.execPath, '--max-semi-space-size=2', 'dist/main.js'], // as `npm start` does
    cwd: root,
    env: { PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir },
  });
  try {
    for (const end = Date.now() + START_TIMEOUT_MS; !server.output.includes('Listening'); await sleep(50)) {
      if (server.ended || Date.now() > end) throw new Error(`The server does not start: ${server.output}`);
    }
    await sleep(SETTLE_MS);
    return server.residentBytes();
  } finally {
    await server.stop();
  }
}
