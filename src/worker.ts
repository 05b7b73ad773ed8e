import { setPriority } from 'node:os';
import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { runTask } from './common/pool/run-task.js';
import type { Task } from './common/pool/task.js';
import type { WorkerRequest } from './common/pool/worker-message.js';
import { scoreTask } from './diagnostics/score.task.js';
import { readTestSetTask } from './diagnostics/test-set.js';
import { runExpressionTask } from './models/expression/run.task.js';
import { diagnoseTask } from './models/gpr/diagnose.task.js';
import { importTask } from './models/gpr/import.task.js';
import { observeTask } from './models/gpr/observe.task.js';
import { predictTask } from './models/gpr/predict.task.js';
import { saveTask } from './models/gpr/save.task.js';
import { fitTask, writeTrainedTask } from './models/gpr/training/fit.task.js';
import { climbTask, startsTask, trainTask } from './models/gpr/training/train.task.js';
import { runGraphTask } from './models/onnx/run.task.js';
import { readRowsTask } from './predict/read-rows.task.js';
import { writePredictionTask } from './predict/write-prediction.task.js';
import { readDataTask } from './train/data/read-data.task.js';

/** A little less than the HTTP thread's, which then comes first, and enough beside other programs of the machine. */
const NICENESS = 2;

// On Linux this is the calling thread's own, not the process's.
if (process.platform === 'linux') setPriority(NICENESS);

/** Everything that a worker thread may be asked to do. */
const TASKS = new Map(
  [
    predictTask,
    importTask,
    observeTask,
    saveTask,
    fitTask,
    writeTrainedTask,
    startsTask,
    climbTask,
    trainTask,
    diagnoseTask,
    runExpressionTask,
    runGraphTask,
    readRowsTask,
    writePredictionTask,
    readTestSetTask,
    scoreTask,
    readDataTask,
  ].map((task) => [task.name, task as Task<unknown, unknown>]),
);

/** The entry of every worker thread. */
export default async function work(request: WorkerRequest): Promise<unknown> {
  const { reply, transfer } = await runTask(TASKS, request, workerData as ReadonlyMap<string, unknown>);
  return transfer.length === 0 ? reply : move({ [transferableSymbol]: transfer, [valueSymbol]: reply });
}
