import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** What another machine writes does not take longer. */
const FORGOTTEN_MS = 24 * 60 * 60 * 1000;
const HOST = hostname().replace(/[^\w-]/g, '_');

/** A new name for what is being written, that tells whose it is. */
export function temporaryName(): string {
  return `${HOST}.${process.pid}.${randomUUID()}`;
}

/** Removes what processes left in a folder of temporary names that were killed while they wrote it. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    if (await isLeftover(name, path)) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isLeftover(name: string, path: string): Promise<boolean> {
  const [host, pid] = name.split('.');
  if (host === HOST && /^\d+$/.test(pid)) return !isRunning(Number(pid)) || Number(pid) === process.pid;
  const facts = await stat(path).catch(() => undefined);
  return facts !== undefined && Date.now() - facts.mtimeMs > FORGOTTEN_MS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
