import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { promisify } from 'node:util';

const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit'];
const WATCH_MS = 250;

/** Program and arguments. */
type Argv = readonly [string, ...string[]];

/** How the memory of a command's processes is kept below a number of bytes. */
export interface MemoryLimit {
  /** The command line that runs `argv` under the limit. */
  wrap(argv: Argv): Argv;
  /** Looks after a group of processes, and calls `onExceeded` at most once; the function returned ends that. */
  watch(leader: number, onExceeded: () => void): () => void;
}

/** The kernel's own limit where util-linux is installed, and otherwise a look at the processes, four times a second. */
export function memoryLimit(bytes: number): MemoryLimit {
  const prlimit = PRLIMIT.find(isExecutable);
  return prlimit === undefined ? watchedLimit(bytes) : kernelLimit(bytes, prlimit);
}

/**
 * RLIMIT_DATA: what each process allocates. Unlike RLIMIT_AS it leaves out address space that is only reserved, of
 * which Java, Go and JavaScript take many gigabytes.
 */
function kernelLimit(bytes: number, prlimit: string): MemoryLimit {
  return {
    wrap: (argv) => [prlimit, `--data=${bytes}`, '--', ...argv],
    watch: () => () => undefined,
  };
}

/** Resident memory of the whole group. */
export function watchedLimit(bytes: number): MemoryLimit {
  return {
    wrap: (argv) => argv,
    watch(leader, onExceeded) {
      let ended = false;
      const look = async (): Promise<void> => {
        const used = await residentBytes(leader);
        if (ended) return;
        if (used > bytes) onExceeded();
        else timer = setTimeout(() => void look(), WATCH_MS);
      };
      let timer = setTimeout(() => void look(), WATCH_MS);
      return () => {
        ended = true;
        clearTimeout(timer);
      };
    },
  };
}

/** Of all processes of a group; 0 where `ps` cannot tell. */
async function residentBytes(group: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,rss=']).catch(() => ({
    stdout: '',
  }));
  const kibibytes = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([pgid]) => pgid === group)
    .reduce((sum, [, rss]) => sum + rss, 0);
  return kibibytes * 1024;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
