import { createApp } from './app.js';
import type { Config } from './common/config/config.js';
import { AppLogger } from './common/logging/app-logger.js';
import { trimMemory } from './compute/trim-memory.js';

/** Servers may share a database and no folder. */
const FILES_APART =
  'DATABASE_URL is set, and ARTIFACTS is not: other servers with this database cannot read the files of jobs, which are in DATA_DIR.';

/** Serves until the process is told to stop. Ends it where the address is not to be had. */
export async function serve(config: Config): Promise<void> {
  const app = await createApp(config);
  try {
    await app.listen(config.port, config.host);
    const logger = app.get(AppLogger);
    if (config.databaseUrl !== undefined && config.artifacts === undefined) logger.warn(FILES_APART);
    const what = config.role === 'worker' ? 'for /health only' : 'documentation at /docs';
    trimMemory();
    logger.log(`Listening at ${await app.getUrl()}, ${what}.`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    console.error(`Cannot listen on HOST ${config.host}, PORT ${config.port} (${code}).`);
    await app.close();
    // One of several processes would live on for the channel to the first.
    process.exit(1);
  }
}
