import { validateSync } from 'class-validator';
import { closestName } from '../common/media/closest-name.js';
import { describe, memberPath } from '../common/media/describe.js';
import { type InputIssue, InvalidInputError } from '../common/media/issue.js';
import { OPTION_NAMES, type OptionName, OPTIONS } from './option-table.js';
import { PredictOptionsDto } from './predict-options.dto.js';

type Query = Readonly<Record<string, unknown>>;
/** Only what was given: a PredictOptionsDto has every option as a member, if an undefined one. */
type GivenOptions = Partial<Record<OptionName, unknown>>;

const NO_OPTIONS: PredictOptionsDto = {};

/** Options from the query's texts and the body's `options`, of which the latter win. Throws InvalidInputError. */
export function readOptions(query: Query, fromBody: unknown): PredictOptionsDto {
  if (fromBody === undefined && isEmpty(query)) return NO_OPTIONS;
  const issues: InputIssue[] = [];
  const bodyOptions = readBodyOptions(fromBody, issues);
  const queryOptions = readQueryOptions(query);
  issues.push(...check(queryOptions, ''), ...check(bodyOptions, 'options.'));
  if (issues.length > 0) throw new InvalidInputError(issues);
  return { ...queryOptions, ...bodyOptions } as PredictOptionsDto;
}

function readBodyOptions(value: unknown, issues: InputIssue[]): GivenOptions {
  const options: GivenOptions = {};
  if (value === undefined) return options;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    issues.push(issue('options', value, 'an object'));
    return options;
  }
  for (const [name, option] of Object.entries(value)) {
    if (isOption(name)) options[name] = option;
    else issues.push(unknownOption(memberPath('options', name), name, option));
  }
  return options;
}

function readQueryOptions(query: Query): GivenOptions {
  const options: GivenOptions = {};
  for (const name of OPTION_NAMES) {
    const text = query[name];
    if (text !== undefined) options[name] = fromText(text, OPTIONS[name].kind);
  }
  return options;
}

/** What cannot be read stays text, for the validator to name. */
function fromText(text: unknown, kind: (typeof OPTIONS)[OptionName]['kind']): unknown {
  if (kind === 'numbers') {
    return [text]
      .flat()
      .flatMap((part) => (typeof part === 'string' ? part.split(',').map(numberFrom) : [part]));
  }
  if (kind === 'number') return numberFrom(text);
  if (kind === 'word') return text;
  return text === '' || text === 'true' || text === '1'
    ? true
    : text === 'false' || text === '0'
      ? false
      : text;
}

function numberFrom(text: unknown): unknown {
  return typeof text === 'string' && /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim())
    ? Number(text)
    : text;
}

function check(given: GivenOptions, prefix: string): InputIssue[] {
  const options = Object.assign(new PredictOptionsDto(), given);
  return validateSync(options, { stopAtFirstError: true }).map(({ property, value, constraints }) =>
    issue(prefix + property, value, Object.values(constraints ?? {})[0] ?? 'another value'),
  );
}

/** A query parameter that is neither an input nor an option: most likely a typing error. */
export function unknownOption(path: string, name: string, value: unknown): InputIssue {
  const near = closestName(name, OPTION_NAMES);
  const unknown = issue(path, value, `one of ${OPTION_NAMES.join(', ')}`);
  return near === undefined ? unknown : { ...unknown, message: `${unknown.message} Did you mean ${near}?` };
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

function issue(path: string, value: unknown, expected: string): InputIssue {
  const received = describe(value);
  return { path, received, expected, message: `${path} is ${received}, expected ${expected}.` };
}

function isEmpty(query: Query): boolean {
  for (const _name in query) return false;
  return true;
}
