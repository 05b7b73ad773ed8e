import { Matrix } from '../../numeric/linalg/matrix.js';
import { describe, memberPath, quote } from './describe.js';
import { InputIssues } from './issue.js';
import { parseNumberText } from './number-text.js';
import { issue, missingInput, notANumber, notANumberText, unknownInput } from './value-issue.js';

/**
 * Reads one row from the parameters of a query (`?x1=0.5&x2=-1e3`) or of a URL-encoded form.
 *
 * @param parameters as the framework parsed them; a parameter that came twice is an array
 * @param besides names of other parameters (settings), which are left alone unless an input has the name
 * @returns a 1 × d matrix
 * @throws InvalidInputError listing what is missing, unknown, repeated or no finite number
 */
export function readQueryRow(
  parameters: Readonly<Record<string, unknown>>,
  inputs: readonly string[],
  besides: readonly string[] = [],
): Matrix {
  const issues = new InputIssues();
  const X = Matrix.zeros(1, inputs.length);
  inputs.forEach((name, j) => {
    const path = memberPath('', name);
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined) issues.add(() => missingInput(path));
    else if (Array.isArray(value)) {
      issues.add(() => issue(path, `${value.length} values`, 'given once', 'send many rows in a POST body'));
    } else if (typeof value !== 'string') issues.add(() => notANumber(path, value));
    else {
      const number = parseNumberText(value);
      if (number !== undefined && Number.isFinite(number)) X.data[j] = number;
      else issues.add(() => notANumberText(path, value));
    }
  });
  for (const name of Object.keys(parameters)) {
    if (inputs.includes(name) || besides.includes(name)) continue;
    const value = parameters[name];
    const received = typeof value === 'string' ? quote(value) : describe(value);
    issues.add(() => unknownInput(memberPath('', name), name, received, inputs));
  }
  issues.throwIfAny();
  return X;
}
