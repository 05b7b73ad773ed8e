import type { Task } from '../common/pool/task.js';
import { type ClonedMatrix, reviveMatrices } from '../models/cloned.js';
import type { DiagnosticsWarning, OutputScores } from './diagnostics.dto.js';
import { type Scorable, scoreOutputs } from './score-outputs.js';
import { scoreWarnings } from './score-warnings.js';

export interface ScoreInput {
  readonly data: Omit<Scorable, 'observed' | 'mean' | 'variance'> & {
    readonly observed: ClonedMatrix;
    readonly mean: ClonedMatrix;
    readonly variance?: ClonedMatrix;
  };
  readonly names: readonly string[];
  readonly listed: number;
}

export interface ScoredTestSet {
  readonly outputs: readonly OutputScores[];
  readonly warnings: readonly DiagnosticsWarning[];
}

/** Scores predictions of a test set. */
export const scoreTask: Task<ScoreInput, ScoredTestSet> = {
  name: 'diagnostics.score',
  run({ data, names, listed }) {
    const scored = scoreOutputs(reviveMatrices(data) as Scorable, names, listed);
    return {
      outputs: scored.map(({ scores }) => scores),
      warnings: scored.flatMap((output) => scoreWarnings(output, 'test')),
    };
  },
};
