import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const CLOCK_TICKS_PER_SECOND = 100; // USER_HZ: what /proc reports in, on every Linux architecture Node runs on
const STOP_TIMEOUT_MS = 15_000;

const running = new Set<ProcessTree>();

/** Ends what is still running when the benchmark itself is told to end. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([...running].map((tree) => tree.stop())).then(() => process.exit(1));
  });
}

/** A server's process with all its descendants, observed through /proc. */
export class ProcessTree {
  readonly #child: ChildProcess;
  readonly startedAt = performance.now();
  #output = '';
  #ended = false;

  constructor({ argv, cwd, env }: Command) {
    const [program, ...args] = argv;
    const inherited = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
    this.#child = spawn(program, args, {
      cwd,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-4000);
      });
    }
    this.#child.on('error', (error) => {
      this.#output += error.message;
      this.#ended = true;
    });
    this.#child.on('exit', () => {
      this.#ended = true;
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The end of what it printed, for error messages. */
  get output(): string {
    return this.#output;
  }

  pids(): number[] {
    const found: number[] = [];
    const pending = this.#child.pid === undefined ? [] : [this.#child.pid];
    for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
      found.push(pid);
      pending.push(...childrenOf(pid));
    }
    return found;
  }

  /** Resident memory of all its processes, in bytes. Pages that processes share count in each. */
  residentBytes(): number {
    const kib = this.pids().map((pid) =>
      Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0),
    );
    return kib.reduce((sum, value) => sum + value, 0) * 1024;
  }

  /** Processor time its living processes have used, in seconds. */
  cpuSeconds(): number {
    const ticks = this.pids().map((pid) => {
      const fields = read(`/proc/${pid}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    });
    return ticks.reduce((sum, value) => sum + value, 0) / CLOCK_TICKS_PER_SECOND;
  }

  async stop(): Promise<void> {
    running.delete(this);
    const pids = this.pids();
    this.#child.kill('SIGTERM');
    for (let waited = 0; !this.#ended && waited < STOP_TIMEOUT_MS; waited += 50) await sleep(50);
    for (const pid of pids) if (isAlive(pid) && (!this.#ended || isOrphan(pid))) kill(pid);
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** A process that outlived the server which started it. */
function isOrphan(pid: number): boolean {
  return /^PPid:\s+1$/m.test(read(`/proc/${pid}/status`));
}

function isAlive(pid: number): boolean {
  return read(`/proc/${pid}/status`) !== '';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in between.
  }
}

/** The file's text, or nothing where the process has gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
