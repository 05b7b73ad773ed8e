import { closestName } from './closest-name.js';
import { describe, listNames, OverflowingNumber, quote } from './describe.js';
import type { InputIssue } from './issue.js';
import { isNonFiniteText, parseNumberText } from './number-text.js';

const EXPECTED = 'a finite number';
const FILL_IN = 'leave the row out, or fill the value in';

/** A value that should have been a finite number. */
export function notANumber(path: string, value: unknown): InputIssue {
  return issue(path, describe(value), EXPECTED, remedy(value));
}

/** A text (a CSV cell, a query parameter) that should have spelled a finite number. */
export function notANumberText(path: string, text: string, line?: number): InputIssue {
  const number = parseNumberText(text);
  const received =
    number === undefined
      ? isNonFiniteText(text)
        ? text.trim()
        : text.trim() === ''
          ? 'nothing'
          : quote(text.trim(), 60)
      : describe(new OverflowingNumber(text.trim()));
  return atLine(issue(path, received, EXPECTED, textRemedy(text)), line);
}

/** An input that was not given. */
export function missingInput(path: string): InputIssue {
  return {
    path,
    received: 'nothing',
    expected: EXPECTED,
    message: `${path} is missing: every input needs ${EXPECTED}.`,
  };
}

/** A name that the model does not take. */
export function unknownInput(
  path: string,
  name: string,
  received: string,
  inputs: readonly string[],
): InputIssue {
  const near = closestName(name, inputs);
  const advice = near === undefined ? 'leave it out' : `did you mean ${quote(near)}?`;
  return {
    path,
    received,
    expected: `only ${listNames(inputs)}`,
    message: `${path} is not an input of this model, which takes ${listNames(inputs)}: ${advice}${near ? '' : '.'}`,
  };
}

/** `path must be <expected>, got <received>: <advice>.` */
export function issue(path: string, received: string, expected: string, advice?: string): InputIssue {
  const message = `${path} must be ${expected}, got ${received}${advice === undefined ? '' : `: ${advice}`}.`;
  return { path, received, expected, message };
}

export function atLine(found: InputIssue, line: number | undefined): InputIssue {
  return line === undefined ? found : { ...found, line, message: `Line ${line}: ${found.message}` };
}

function remedy(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return parseNumberText(value) === undefined ? undefined : 'write the number without quotes';
  }
  if (typeof value === 'boolean') return 'write 1 or 0';
  if (value === null || typeof value === 'number') return FILL_IN;
  return undefined;
}

function textRemedy(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || isNonFiniteText(trimmed)) return FILL_IN;
  if (/^[+-]?\d+,\d+$/.test(trimmed)) return 'write a decimal point, not a comma';
  if (/^[+-]?[\d.]+\s+[-+\d.]/.test(trimmed)) return 'separate columns with a comma';
  return undefined;
}
