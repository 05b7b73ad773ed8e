import { createApp } from './app.js';
import type { Config } from './common/config/config.js';
import { AppLogger } from './common/logging/app-logger.js';

/** Serves until the process is told to stop. Ends it where the address is not to be had. */
export async function serve(config: Config): Promise<void> {
  const app = await createApp(config);
  try {
    await app.listen(config.port, config.host);
    app.get(AppLogger).log(`Listening at ${await app.getUrl()}, documentation at /docs.`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    console.error(`Cannot listen on HOST ${config.host}, PORT ${config.port} (${code}).`);
    await app.close();
    // One of several processes would live on for the channel to the first.
    process.exit(1);
  }
}
