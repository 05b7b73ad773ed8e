import { createApp } from './app.js';
import { AppLogger } from './common/logging/app-logger.js';
import { Config, ConfigError, loadConfig } from './common/config/config.js';

async function main(): Promise<void> {
  let config: Config;
  try {
    config = loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    return;
  }
  const app = await createApp(config);
  try {
    await app.listen(config.port, config.host);
    app.get(AppLogger).log(`Listening at ${await app.getUrl()}, documentation at /docs.`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    console.error(`Cannot listen on HOST ${config.host}, PORT ${config.port} (${code}).`);
    await app.close();
    process.exitCode = 1;
  }
}

await main();
