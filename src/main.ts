import cluster from 'node:cluster';
import { createApp } from './app.js';
import { Config, ConfigError, loadConfig } from './common/config/config.js';
import { AppLogger } from './common/logging/app-logger.js';
import { runPrimary } from './primary.js';

async function main(): Promise<void> {
  const config = readConfig();
  if (!config) return;
  if (cluster.isPrimary && config.processes > 1) runPrimary(config);
  else await serve(config);
}

/** Undefined where a setting is wrong, which one line has then said. */
function readConfig(): Config | undefined {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    return undefined;
  }
}

async function serve(config: Config): Promise<void> {
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

await main();
