import { readFile } from 'node:fs/promises';
import type { JsonSchema } from '../common/schema/json-schema.js';
import { ModelFileError } from './model-errors.js';
import type { ModelFile } from './model-file.js';

/** What a person writes by hand is never larger. */
const MAX_BYTES = 1024 * 1024;
const YAML = ['.yaml', '.yml'];
const TYPE_IN_JSON = /"type"\s*:\s*"([\w-]+)"/g;
const TYPE_IN_YAML = /^"?type"?\s*:\s*["']?([\w-]+)/gm;

/**
 * Whether the file is a YAML or JSON file that says `type: <type>` at its beginning: how a model that a person
 * writes by hand says what it is.
 */
export function isSpecOf(file: ModelFile, type: string): boolean {
  const yaml = YAML.includes(file.extension);
  if (!yaml && file.extension !== '.json') return false;
  const text = file.head.toString('utf8');
  return [...text.matchAll(yaml ? TYPE_IN_YAML : TYPE_IN_JSON)].some(([, found]) => found === type);
}

/** Reads a YAML or JSON file. Throws ModelFileError where it is neither, or is not what the schema asks for. */
export async function readSpec<T>(file: ModelFile, schema: JsonSchema<T>): Promise<T> {
  if (file.bytes > MAX_BYTES) {
    throw new ModelFileError(`The file has ${file.bytes} bytes, more than the ${MAX_BYTES} it may have.`);
  }
  const value = await parse(file, await readFile(file.path, 'utf8'));
  const issues = await schema.issues(value);
  if (issues.length > 0) {
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
    throw new ModelFileError(`${issues[0].message}${more}`);
  }
  return value as T;
}

async function parse(file: ModelFile, text: string): Promise<unknown> {
  try {
    if (!YAML.includes(file.extension)) return JSON.parse(text) as unknown;
    const { parse: parseYaml } = await import('yaml');
    return parseYaml(text) as unknown;
  } catch (error) {
    const format = YAML.includes(file.extension) ? 'YAML' : 'JSON';
    throw new ModelFileError(`Not valid ${format}: ${(error as Error).message.split('\n')[0]}`);
  }
}
