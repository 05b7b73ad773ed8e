import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Name of the environment variable that every process of a run inherits; its value is the run's own. */
export const RUN_MARK = 'KRIGED_RUN';

const ROUNDS = 10;
const ROUND_MS = 10;

/** Kills the process group that `leader` leads. */
export function killGroup(leader: number): void {
  kill(-leader);
}

/** The processes that there are, where Linux tells: those of a later run are not among them. */
export async function processIds(): Promise<ReadonlySet<string>> {
  if (process.platform !== 'linux') return new Set();
  return new Set((await readdir('/proc')).filter((name) => /^\d+$/.test(name)));
}

/**
 * Kills the processes of a run that have left its group, as a daemon does. They are known by the environment they
 * have inherited, which Linux shows; elsewhere they stay. `before`: those that were there before the run.
 */
export async function killStrays(run: string, before: ReadonlySet<string>): Promise<void> {
  // Again until none is left: one may have forked while it was looked for.
  for (let round = 0; round < ROUNDS; round++) {
    const strays = await processesOf(run, before);
    if (strays.length === 0) return;
    strays.forEach(kill);
    await sleep(ROUND_MS);
  }
}

async function processesOf(run: string, before: ReadonlySet<string>): Promise<number[]> {
  const mark = `${RUN_MARK}=${run}`;
  const ids = [...(await processIds())].filter((id) => !before.has(id));
  const marked = await Promise.all(
    ids.map(async (id) => {
      // Those of other users cannot be read, and those that have just ended are empty.
      const environment = await readFile(`/proc/${id}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(mark);
    }),
  );
  return ids.filter((_, i) => marked[i]).map(Number);
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
