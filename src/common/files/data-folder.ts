import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config/config.js';
import { FileLock } from './file-lock.js';

/** Held until the process ends, and not collected before. */
const held = new Set<FileLock>();

/**
 * Makes DATA_DIR and keeps other servers out of it for as long as this process lives; the processes that this one
 * starts share it. Throws ConfigError where another has it, or it cannot be written.
 */
export async function lockDataFolder(folder: string): Promise<void> {
  await makeDataFolder(folder);
  const lock = await FileLock.take(join(folder, 'server.lock')).catch(() => {
    throw notWritable(folder);
  });
  if (lock === undefined) {
    throw new ConfigError('DATA_DIR', folder, 'a folder that is not in use by another process');
  }
  held.add(lock);
}

/** Throws ConfigError where it cannot be. */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch {
    throw notWritable(folder);
  }
}

function notWritable(folder: string): ConfigError {
  return new ConfigError('DATA_DIR', folder, 'the path of a folder that this process may make and write');
}
