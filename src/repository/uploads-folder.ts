import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeLeftovers, temporaryName } from '../common/files/temporary-name.js';

/** Where uploads lie until they are whole, and versions that are being deleted: on the same file system, hidden. */
export const UPLOADS = '.uploads';
/** In a version's folder: it came whole. */
export const UPLOADED_MARK = '.uploaded';

/** A new name in the uploads folder that tells whose it is. */
export async function newUploadPath(modelsDir: string): Promise<string> {
  const folder = join(modelsDir, UPLOADS);
  await makeFolder(folder);
  return join(folder, temporaryName());
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
export function removeUploadLeftovers(modelsDir: string): Promise<void> {
  return removeLeftovers(join(modelsDir, UPLOADS));
}
