import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** A file found where a version of a model may lie. */
export interface FoundFile {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

/** A file or folder that was passed over, though it may be meant as a model. */
export interface IgnoredItem {
  readonly name: string;
  readonly reason: string;
}

/** What people keep beside their models: never taken for one. */
const COMPANIONS = new Set([
  '.py',
  '.ipynb',
  '.md',
  '.txt',
  '.csv',
  '.tsv',
  '.toml',
  '.yaml',
  '.yml',
  '.log',
  '.html',
]);
const NAME = /^[A-Za-z0-9][\w.-]{0,127}$/;
const BAD_NAME = "a model's name is letters, digits, _ . and -";

/** The version of a model that is a single file. */
const SINGLE_FILE_VERSION = '1';

/**
 * Lists `<folder>/<name>.<ext>` and `<folder>/<name>/<version>/model.<ext>`, sorted by name. Hidden files and
 * companions are passed over; `ignored` tells of names that could not stand in an address and of unreadable folders.
 */
export async function findModelFiles(
  folder: string,
): Promise<{ files: FoundFile[]; ignored: IgnoredItem[] }> {
  const files: FoundFile[] = [];
  const ignored: IgnoredItem[] = [];
  for (const { name: itemName, isDirectory } of await entries(folder)) {
    const name = isDirectory ? itemName : stem(itemName);
    if (!isDirectory && isCompanion(itemName)) continue;
    if (!NAME.test(name)) ignored.push({ name: itemName, reason: BAD_NAME });
    else if (!isDirectory) files.push({ name, version: SINGLE_FILE_VERSION, path: join(folder, itemName) });
    else {
      try {
        files.push(...(await findVersions(folder, name)));
      } catch (error) {
        const { code = 'unknown' } = error as NodeJS.ErrnoException;
        ignored.push({ name: itemName, reason: `the folder cannot be read (${code})` });
      }
    }
  }
  return { files, ignored };
}

async function findVersions(folder: string, name: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const version of await entries(join(folder, name))) {
    if (!version.isDirectory || !NAME.test(version.name)) continue;
    for (const file of await entries(join(folder, name, version.name))) {
      if (file.isDirectory || stem(file.name) !== 'model' || isCompanion(file.name)) continue;
      found.push({ name, version: version.name, path: join(folder, name, version.name, file.name) });
    }
  }
  return found;
}

function isCompanion(fileName: string): boolean {
  return COMPANIONS.has(extname(fileName).toLowerCase());
}

/** `model` of `model.pkl`, of `model.json.gz` and of `model.joblib.gz`. */
function stem(fileName: string): string {
  return fileName.replace(/(\.(json|pkl|pickle|joblib))?\.[^.]+$/i, '');
}

/** Links are followed; what is neither file nor folder is not listed. */
async function entries(folder: string): Promise<{ name: string; isDirectory: boolean }[]> {
  const listed = await readdir(folder);
  const visible = listed.filter((name) => !name.startsWith('.')).sort();
  const kinds = await Promise.all(
    visible.map(async (name) => {
      const facts = await stat(join(folder, name)).catch(() => undefined);
      return { name, isDirectory: facts?.isDirectory() ?? false, isFile: facts?.isFile() ?? false };
    }),
  );
  return kinds.filter(({ isDirectory, isFile }) => isDirectory || isFile);
}
