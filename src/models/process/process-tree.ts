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

/**
 * Kills the processes of a run that have left its group, as a daemon does. They are known by the environment they
 * have inherited, which Linux shows; elsewhere they stay.
 */
export async function killStrays(run: string): Promise<void> {
  if (process.platform !== 'linux') return;
  // Again until none is left: one may have forked while it was looked for.
  for (let round = 0; round < ROUNDS; round++) {
    const strays = await processesOf(run);
    if (strays.length === 0) return;
    strays.forEach(kill);
    await sleep(ROUND_MS);
  }
}

async function processesOf(run: string): Promise<number[]> {
  const mark = `${RUN_MARK}=${run}`;
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
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
