import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/** Where a version of a model lies. */
export interface FoundVersion {
  readonly name: string;
  readonly version: string;
  /** The files that may be the model; mostly one. */
  readonly paths: readonly string[];
  /** Its `model.json`, where there is one. */
  readonly manifest?: string;
}

/** A file or folder that was passed over, though it may be meant as a model. */
interface IgnoredItem {
  readonly name: string;
  readonly reason: string;
  /** Whether it is a model's folder that cannot be read at present: its versions may still be there. */
  readonly unreadable?: boolean;
}

export interface FoundModels {
  readonly versions: readonly FoundVersion[];
  /** Names of the models that have a file of aliases. */
  readonly aliased: readonly string[];
  readonly ignored: readonly IgnoredItem[];
}

/** What people keep beside their models: never taken for one. */
const COMPANIONS = new Set(['.py', '.ipynb', '.md', '.txt', '.csv', '.tsv', '.toml', '.log', '.html']);
/** Names of models, versions and aliases: what can stand in an address and on every file system. */
export const NAME = /^[A-Za-z0-9][\w.-]{0,127}$/;
export const NAME_RULE = 'letters, digits, _ . and -, at most 128, beginning with a letter or digit';

/** The version of a model that is a single file. */
const SINGLE_FILE_VERSION = '1';
const MODEL = 'model';
export const MANIFEST_FILE = 'model.json';
export const ALIASES_FILE = 'aliases.json';
const MANIFEST_SUFFIX = '.model.json';

/**
 * Lists `<folder>/<name>.<ext>` and `<folder>/<name>/<version>/model.<ext>`, sorted by name, with the manifest that
 * lies beside: `<name>.model.json`, or the `model.json` of a version that has another model file. Hidden files and
 * companions are passed over; `ignored` tells of names that could not stand in an address and of unreadable folders.
 */
export async function findModels(folder: string): Promise<FoundModels> {
  const versions: FoundVersion[] = [];
  const aliased: string[] = [];
  const ignored: IgnoredItem[] = [];
  const items = await entries(folder);
  const files = new Map<string, string[]>();
  for (const { name: fileName } of items.filter((item) => !item.isDirectory && !isCompanion(item.name))) {
    if (fileName.endsWith(MANIFEST_SUFFIX)) continue;
    const name = stem(fileName);
    if (NAME.test(name)) files.set(name, [...(files.get(name) ?? []), fileName]);
    else ignored.push({ name: fileName, reason: `a model's name is ${NAME_RULE}` });
  }
  for (const [name, fileNames] of files) {
    const manifest = items.find((item) => item.name === `${name}${MANIFEST_SUFFIX}` && !item.isDirectory);
    versions.push(found(folder, name, SINGLE_FILE_VERSION, fileNames, manifest?.name));
  }
  for (const { name } of items.filter(({ isDirectory }) => isDirectory)) {
    if (!NAME.test(name)) {
      ignored.push({ name, reason: `a model's name is ${NAME_RULE}` });
      continue;
    }
    try {
      const inside = await entries(join(folder, name));
      if (inside.some((item) => item.name === ALIASES_FILE && !item.isDirectory)) aliased.push(name);
      const names = inside.filter((item) => item.isDirectory && NAME.test(item.name));
      for (const version of names) versions.push(...(await findVersion(folder, name, version.name)));
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      // Gone since it was listed: not there.
      if (code !== 'ENOENT')
        ignored.push({ name, reason: `the folder cannot be read (${code})`, unreadable: true });
    }
  }
  const folders = new Set(
    versions
      .filter(({ paths }) => dirname(paths[0]) !== folder)
      .map(({ name, version }) => `${name}/${version}`),
  );
  const doubled = versions.filter(
    ({ name, version, paths }) => dirname(paths[0]) === folder && folders.has(`${name}/${version}`),
  );
  for (const { paths } of doubled) {
    const reason = `version ${SINGLE_FILE_VERSION} of this model has a folder of its own`;
    ignored.push(...paths.map((path) => ({ name: basename(path), reason })));
    versions.splice(
      versions.findIndex((version) => version.paths === paths),
      1,
    );
  }
  versions.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { versions, aliased, ignored };
}

async function findVersion(folder: string, name: string, version: string): Promise<FoundVersion[]> {
  const items = await entries(join(folder, name, version)).catch((error: unknown) => {
    // Gone since it was listed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const files = items.filter(
    (item) => !item.isDirectory && stem(item.name) === MODEL && !isCompanion(item.name),
  );
  const others = files.filter((file) => file.name !== MANIFEST_FILE).map((file) => file.name);
  // Alone, a JSON file is the model itself.
  const hasManifest = others.length > 0 && others.length < files.length;
  const models = others.length > 0 ? others : files.map((file) => file.name);
  if (models.length === 0) return [];
  return [found(join(folder, name, version), name, version, models, hasManifest ? MANIFEST_FILE : undefined)];
}

function found(
  folder: string,
  name: string,
  version: string,
  fileNames: readonly string[],
  manifest: string | undefined,
): FoundVersion {
  return {
    name,
    version,
    paths: fileNames.map((fileName) => join(folder, fileName)),
    ...(manifest !== undefined && { manifest: join(folder, manifest) }),
  };
}

function isCompanion(fileName: string): boolean {
  return COMPANIONS.has(extname(fileName).toLowerCase());
}

/** `model` of `model.pkl`, and of `model.json.gz`. */
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
