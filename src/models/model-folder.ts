import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** A file found where a version of a model may lie. */
export interface FoundFile {
  readonly name: string;
  readonly version: string;
  readonly path: string;
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

/** The version of a model that is a single file. */
const SINGLE_FILE_VERSION = '1';

/**
 * Lists `<folder>/<name>.<ext>` and `<folder>/<name>/<version>/model.<ext>`, sorted by name. Hidden files,
 * companions and names that could not stand in an address are passed over; `ignored` tells of the latter.
 */
export async function findModelFiles(folder: string): Promise<{ files: FoundFile[]; ignored: string[] }> {
  const files: FoundFile[] = [];
  const ignored: string[] = [];
  for (const item of await entries(folder)) {
    if (item.isDirectory) {
      if (NAME.test(item.name)) files.push(...(await findVersions(folder, item.name)));
      else ignored.push(item.name);
    } else if (!COMPANIONS.has(extname(item.name).toLowerCase())) {
      const name = stem(item.name);
      if (NAME.test(name)) files.push({ name, version: SINGLE_FILE_VERSION, path: join(folder, item.name) });
      else ignored.push(item.name);
    }
  }
  return { files, ignored };
}

async function findVersions(folder: string, name: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const version of await entries(join(folder, name))) {
    if (!version.isDirectory || !NAME.test(version.name)) continue;
    for (const file of await entries(join(folder, name, version.name))) {
      if (file.isDirectory || stem(file.name) !== 'model' || COMPANIONS.has(extname(file.name))) continue;
      found.push({ name, version: version.name, path: join(folder, name, version.name, file.name) });
    }
  }
  return found;
}

/** `model` of `model.pkl`, and of `model.json.gz`. */
function stem(fileName: string): string {
  return fileName.replace(/(\.(json|pkl|pickle))?\.[^.]+$/i, '');
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
