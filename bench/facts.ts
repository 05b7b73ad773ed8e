import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findBlas } from './library/backends.ts';
import type { Places } from './places.ts';
import { run } from './run-command.ts';

/** What the numbers depend on, by name. */
export type Facts = Readonly<Record<string, string>>;

/** In percent, by other work: the average load of a minute would count the build and the set-up, too. */
export const BUSY_FACT = 'Processors busy before the start';
const BUSY_MS = 5000;

const packageFile = fileURLToPath(new URL('../package.json', import.meta.url));

const PYTHON_FACTS = `
import json, platform
from importlib.metadata import version
import numpy, scipy.linalg
from threadpoolctl import threadpool_info
names = ["GPy", "numpy", "scipy", "scikit-learn", "Flask", "gunicorn", "fastapi", "uvicorn", "bentoml"]
blas = sorted({f"{i['internal_api']} {i['version']} ({i['architecture']})" for i in threadpool_info() if i["user_api"] == "blas"})
print(json.dumps({"Python": platform.python_version(), "Python packages": ", ".join(f"{n} {version(n)}" for n in names), "BLAS of the Python side": ", ".join(blas)}))
`;

export async function readFacts(places: Places): Promise<Facts> {
  const { dependencies } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const python = JSON.parse(await run([places.python(), '-c', PYTHON_FACTS])) as Record<string, string>;
  const wrk = await run(['sh', '-c', 'wrk -v 2>&1 | head -n 1 || true']);
  return {
    CPU: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
    Memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    Kernel: `${process.platform} ${release()}`,
    Node: process.versions.node,
    'Node packages': ['@nestjs/core', '@nestjs/platform-express']
      .map((name) => `${name} ${dependencies[name]}`)
      .join(', '),
    ...python,
    'BLAS of Kriged': (await findBlas())?.name ?? 'none: WebAssembly alone',
    'Load tool': wrk.split(' Copyright')[0].trim(),
    [BUSY_FACT]: `${await percentBusy()}%`,
  };
}

async function percentBusy(): Promise<string> {
  const before = processorTimes();
  await sleep(BUSY_MS);
  const after = processorTimes();
  return (100 * (1 - (after.idle - before.idle) / (after.all - before.all))).toFixed(1);
}

/** Since the machine was started, of all processors. */
function processorTimes(): { idle: number; all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    all += Object.values(times).reduce((sum, time) => sum + time, 0);
  }
  return { idle, all };
}
