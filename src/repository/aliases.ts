import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JsonSchema } from '../common/schema/json-schema.js';
import { writeAtomically } from '../common/files/atomic-file.js';
import { ALIASES_FILE, NAME } from './model-folder.js';

/** An alias as the repository keeps it. */
export interface Alias {
  readonly version: string;
  /** The versions it meant before, latest first. */
  readonly previous: readonly string[];
}
export type Aliases = ReadonlyMap<string, Alias>;

/** How far `rollback` can go. */
const REMEMBERED = 20;

const PATTERN = NAME.source;
const SCHEMA = new JsonSchema<Record<string, string | { version: string; previous?: string[] }>>({
  type: 'object',
  propertyNames: { pattern: PATTERN },
  additionalProperties: {
    anyOf: [
      { type: 'string', pattern: PATTERN },
      {
        type: 'object',
        additionalProperties: false,
        required: ['version'],
        properties: {
          version: { type: 'string', pattern: PATTERN },
          previous: { type: 'array', items: { type: 'string', pattern: PATTERN } },
        },
      },
    ],
  },
});

/**
 * Reads `aliases.json` of a model's folder: alias to version, or to `{version, previous}`; empty where there is none.
 * Throws an Error that says what is wrong with it.
 */
export async function readAliases(folder: string): Promise<Aliases> {
  let text: string;
  try {
    text = await readFile(join(folder, ALIASES_FILE), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return new Map();
    throw error;
  }
  const value = JSON.parse(text) as unknown;
  const [issue] = await SCHEMA.issues(value);
  if (issue) throw new Error(issue.message);
  const entries = Object.entries(value as Record<string, string | { version: string; previous?: string[] }>);
  return new Map(
    entries.map(([alias, target]): [string, Alias] => [
      alias,
      typeof target === 'string'
        ? { version: target, previous: [] }
        : { version: target.version, previous: target.previous ?? [] },
    ]),
  );
}

export async function writeAliases(folder: string, aliases: Aliases): Promise<void> {
  await writeAtomically(
    join(folder, ALIASES_FILE),
    `${JSON.stringify(Object.fromEntries(aliases), null, 2)}\n`,
  );
}

/** The alias moved to `version`, with what it meant before. */
export function moved(from: Alias | undefined, version: string): Alias {
  if (!from) return { version, previous: [] };
  if (from.version === version) return from;
  return { version, previous: [from.version, ...from.previous].slice(0, REMEMBERED) };
}
