import type { Task } from '../../common/pool/task.js';
import type { ClonedMatrix } from '../cloned.js';
import { type Program, runProgram } from './program.js';

interface RunInput {
  /** Everything lies in shared memory: the rows in, and the tables that the results are written to. */
  readonly program: Program;
  readonly X: ClonedMatrix;
  readonly tables: readonly ClonedMatrix[];
  readonly start: number;
  readonly end: number;
}

/** Rows of an expression model, on a worker. */
export const runExpressionTask: Task<RunInput, void> = {
  name: 'expression.run',
  run({ program, X, tables, start, end }) {
    runProgram(program, X, tables, start, end);
  },
};
