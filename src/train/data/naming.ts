import { describe } from '../../common/media/describe.js';
import { InputIssues } from '../../common/media/issue.js';
import { issue } from '../../common/media/value-issue.js';
import type { Naming } from './table.js';

const NAMES = ['target', 'inputNames', 'outputNames'] as const;

/** Takes from the settings what says which columns are what. Throws InvalidInputError. */
export function readNaming(settings: Readonly<Record<string, unknown>>): {
  naming: Naming;
  settings: Record<string, unknown>;
} {
  const issues = new InputIssues();
  const rest = { ...settings };
  const naming: Record<string, readonly string[]> = {};
  for (const name of NAMES) {
    const value = rest[name];
    delete rest[name];
    if (value === undefined) continue;
    const names: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (names.length > 0 && names.every((item) => typeof item === 'string')) naming[name] = names;
    else issues.add(() => issue(name, describe(value), 'a name, or an array of names'));
  }
  issues.throwIfAny();
  return { naming, settings: rest };
}
