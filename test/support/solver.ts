import { type Command, COMMAND_DEFAULTS } from '../../src/models/process/command.js';

/** A command that runs a script with this Node.js. `input` is there for the script: its standard input, parsed. */
export function solver(script: string, more: Partial<Command> = {}): Command {
  return {
    ...COMMAND_DEFAULTS,
    name: 'solver',
    command: process.execPath,
    args: ['-e', script],
    timeoutMs: 20_000,
    ...more,
  };
}

/** For each row of `inputs`, `{outputs}` of an expression of the row's inputs. */
export function jsonSolver(output: string): string {
  return `const { inputs } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify({ outputs: inputs.map(({ x1, x2 }) => (${output})) }));`;
}
