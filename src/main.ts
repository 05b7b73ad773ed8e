import cluster from 'node:cluster';
import { createApp } from './app.js';
import { type Config, ConfigError, loadConfig } from './common/config/config.js';
import { BlasError, findBlas } from './compute/blas/find-blas.js';
import { AppLogger } from './common/logging/app-logger.js';
import { runPrimary } from './primary.js';

async function main(): Promise<void> {
  try {
    const config = loadConfig(process.env);
    // A library that does not load should end the start here, before there is anything to undo.
    findBlas(config.blas);
    if (cluster.isPrimary && config.processes > 1) runPrimary(config);
    else await serve(config);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof BlasError)) throw error;
    console.error(error.message);
    process.exit(1);
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
