import { Logger } from '@nestjs/common';
import { expect, it } from 'vitest';
import { jsonSolver, solver } from '../../../test/support/solver.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { describeModelContract } from '../model.contract.js';
import type { Variable } from '../model.js';
import type { Command } from './command.js';
import { CommandRunner } from './command-runner.js';
import { ProcessModel } from './process.model.js';

Logger.overrideLogger(false);

const variables = (...names: string[]): Variable[] => names.map((name) => ({ name, kind: 'real' }));
const model = (command: Command): ProcessModel =>
  new ProcessModel(
    'solver',
    variables('x1', 'x2'),
    variables('y', 'z'),
    new CommandRunner(command),
    undefined,
  );

const SCRIPT = jsonSolver('{ y: Math.sin(x1) + x2 * x2, z: x1 - x2 }');
const CSV_SCRIPT = `const [, ...lines] = require('node:fs').readFileSync(0, 'utf8').trimEnd().split('\\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  process.stdout.write('z,y\\n' + rows.map(([x1, x2]) => x1 - x2 + ',' + (Math.sin(x1) + x2 * x2)).join('\\n') + '\\n');`;
const inside = [
  [0.1, 0.2],
  [-1.5, 3],
  [2, 1 / 3],
  [7, -4e-9],
];

for (const [name, command] of [
  ['json', solver(SCRIPT, { concurrency: 2 })],
  ['csv, 1000 rows a run', solver(CSV_SCRIPT, { protocol: 'csv', batch: 1000, concurrency: 2 })],
] as const) {
  describeModelContract(`process (${name})`, () => model(command), { inside });
}

it('runs the command once for so many rows, and puts the answers together in order', async () => {
  const counted = jsonSolver('{ y: x1, z: inputs.length }');
  const X = Matrix.fromRows([1, 2, 3, 4, 5].map((x) => [x, 0]));
  const { mean } = await model(solver(counted, { batch: 2, concurrency: 3 })).predict(X, {});
  expect([...mean.column(0)]).toEqual([1, 2, 3, 4, 5]);
  expect([...mean.column(1)]).toEqual([2, 2, 2, 2, 1]);
});

it('tells what the solver says on standard error, line by line', async () => {
  const lines: string[] = [];
  const chatty = `console.error('step 1'); console.error('step 2'); ${SCRIPT}`;
  await model(solver(chatty)).predict(Matrix.fromRows(inside), {}, undefined, (line) => lines.push(line));
  expect(lines).toEqual(['step 1', 'step 2']);
});

it('stops what still runs when it is released', async () => {
  const endless = model(solver(`console.error('on'); setInterval(() => {}, 1000)`));
  const { promise: on, resolve: started } = Promise.withResolvers<void>();
  const underway = endless.predict(Matrix.fromRows(inside), {}, undefined, () => started());
  underway.catch(() => undefined);
  await on;
  endless.release();
  await expect(underway).rejects.toThrow('The model is no longer served.');
});
