import cluster from 'node:cluster';
import { ConfigError, loadConfig } from './common/config/config.js';
import { lockDataFolder } from './common/files/data-folder.js';
import { requireNode } from './common/require-node.js';
import { BlasError, findBlas } from './compute/blas/find-blas.js';
import { runPrimary } from './primary.js';

async function main(): Promise<void> {
  requireNode();
  try {
    const config = loadConfig(process.env);
    // A library that does not load should end the start here, before there is anything to undo.
    findBlas(config.blas);
    // Where the database keeps the jobs, servers may share the folder.
    if (cluster.isPrimary && config.databaseUrl === undefined) await lockDataFolder(config.dataDir);
    if (cluster.isPrimary && config.processes > 1) runPrimary(config);
    // Not loaded before it is needed: a process that only shares out the port stays small.
    else await (await import('./serve.js')).serve(config);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof BlasError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

await main();
