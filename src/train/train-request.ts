import { closestName } from '../common/media/closest-name.js';
import { describe, memberPath } from '../common/media/describe.js';
import { type InputIssue, InvalidInputError } from '../common/media/issue.js';
import { issue } from '../common/media/value-issue.js';

/** What is said of a training whatever the model type, beside the columns' names. */
export interface TrainTarget {
  /** Of the model that gets the new version. */
  readonly name: string;
  /** Moves to the new version. */
  readonly alias?: string;
  /** Model type. */
  readonly type: string;
}

/** Where a request does not name the model. */
export const DEFAULT_NAME = 'trained';
const DEFAULT_TYPE = 'gpr';

/** Fields whose text is their value: `name=1` is a name. */
const TEXTS = ['name', 'alias', 'type', 'kernel', 'mean', 'target', 'inputNames', 'outputNames'];
/** Of these, lists: `target=a,b`. */
const LISTS = ['target', 'inputNames', 'outputNames'];
const COMMON = ['name', 'alias', 'type', 'target', 'inputNames', 'outputNames'];

/** Settings of a query or a form: numbers, lists and objects are written as in JSON. */
export function settingsFromTexts(texts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      typeof text === 'string' ? fromText(name, text) : text,
    ]),
  );
}

function fromText(name: string, text: string): unknown {
  if (LISTS.includes(name) && !text.trimStart().startsWith('['))
    return text.split(',').map((part) => part.trim());
  if (TEXTS.includes(name) && !LISTS.includes(name)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Takes what is common to all model types from the settings. Throws InvalidInputError. */
export function readTarget(settings: Readonly<Record<string, unknown>>): {
  target: TrainTarget;
  settings: Record<string, unknown>;
} {
  const { name = DEFAULT_NAME, alias, type = DEFAULT_TYPE, ...rest } = settings;
  const issues: InputIssue[] = [];
  for (const [path, value] of Object.entries({ name, alias, type })) {
    if (value !== undefined && typeof value !== 'string') issues.push(issue(path, describe(value), 'a text'));
  }
  if (issues.length > 0) throw new InvalidInputError(issues);
  return {
    target: {
      name: name as string,
      type: type as string,
      ...(alias !== undefined && { alias: alias as string }),
    },
    settings: rest,
  };
}

/** Throws InvalidInputError for a setting that nobody knows: most likely a typing error. */
export function requireKnown(settings: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const all = [...COMMON, ...known];
  const issues = Object.entries(settings).flatMap(([name, value]): InputIssue[] => {
    if (known.includes(name)) return [];
    const near = closestName(name, all);
    const path = memberPath('', name);
    const unknown = issue(path, describe(value), `one of ${all.join(', ')}`);
    return [
      near === undefined ? unknown : { ...unknown, message: `${unknown.message} Did you mean ${near}?` },
    ];
  });
  if (issues.length > 0) throw new InvalidInputError(issues);
}
