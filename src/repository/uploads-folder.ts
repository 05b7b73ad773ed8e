import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Where uploads lie until they are whole, and versions that are being deleted: on the same file system, hidden. */
export const UPLOADS = '.uploads';
/** In a version's folder: it came whole. */
export const UPLOADED_MARK = '.uploaded';
/** Another machine's upload does not take longer. */
const FORGOTTEN_MS = 24 * 60 * 60 * 1000;
const HOST = hostname().replace(/[^\w-]/g, '_');

/** A new name in the uploads folder that tells whose it is. */
export async function newUploadPath(modelsDir: string): Promise<string> {
  const folder = join(modelsDir, UPLOADS);
  await makeFolder(folder);
  return join(folder, `${HOST}.${process.pid}.${randomUUID()}`);
}

/** Makes a folder in one that is there, or leaves it as it is. */
export async function makeFolder(path: string): Promise<void> {
  try {
    // Not `recursive`, which says ENOENT where the file system is read-only.
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Removes what processes left behind that were killed in the middle of an upload. */
export async function removeLeftovers(modelsDir: string): Promise<void> {
  const folder = join(modelsDir, UPLOADS);
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
