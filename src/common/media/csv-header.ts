import { memberPath } from './describe.js';
import { type InputIssue, InputIssues } from './issue.js';
import { isNonFiniteText } from './number-text.js';
import { atLine, missingInput, unknownInput } from './value-issue.js';

/** Whether the first record of a CSV is a header: its cells are the inputs' names, or not what a row has. */
export function isHeader(cells: readonly string[], inputs: readonly string[]): boolean {
  if (cells.some((cell) => inputs.includes(cell))) {
    // Columns may be called 0, 1, 2: such names are a header only all together.
    if (cells.some((cell) => !isValue(cell))) return true;
    return cells.length === inputs.length && inputs.every((name) => cells.includes(name));
  }
  // A row with one bad cell is a row; a line without any value is a header, if a wrong one.
  return cells.every((cell) => !isValue(cell) || cell === '') && cells.some((cell) => cell !== '');
}

/** Whether a comment (`# x1,x2`, as numpy.savetxt writes its header) names columns rather than says something. */
export function isCommentedHeader(cells: readonly string[], inputs: readonly string[]): boolean {
  return cells.some((cell) => inputs.includes(cell)) && isHeader(cells, inputs);
}

/**
 * The input that each column of the file holds. Throws InvalidInputError when the names are not exactly the inputs, in
 * any order.
 */
export function columnTargets(cells: readonly string[], inputs: readonly string[], line: number): Int32Array {
  const issues = new InputIssues();
  const positions = new Map(inputs.map((name, j) => [name, j]));
  const seen = new Set<string>();
  const targets = Int32Array.from(cells, (name, column) => {
    const target = positions.get(name);
    const path = name === '' ? `column ${column + 1}` : memberPath('', name);
    if (target === undefined) {
      const received = name === '' ? 'a column without a name' : `column ${column + 1} of the header`;
      issues.add(() => atLine(unknownInput(path, name, received, inputs), line));
    } else if (seen.has(name)) {
      issues.add(() => atLine(repeatedColumn(path, column), line));
    }
    seen.add(name);
    return target ?? -1;
  });
  for (const name of inputs) {
    if (!seen.has(name)) issues.add(() => atLine(missingInput(memberPath('', name)), line));
  }
  issues.throwIfAny();
  return targets;
}

/** A cell that stands where a number should: a number or what starts as one (`0x10`, `1 2`), a `nan`, or nothing. */
function isValue(cell: string): boolean {
  return cell === '' || /^[+-]?\.?\d/.test(cell) || isNonFiniteText(cell);
}

function repeatedColumn(path: string, column: number): InputIssue {
  return {
    path,
    received: `a second column of this name, column ${column + 1}`,
    expected: 'one column for each input',
    message: `${path} names two columns: keep one.`,
  };
}
