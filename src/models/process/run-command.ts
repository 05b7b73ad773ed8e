import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExternalModelError, ExternalModelTimeoutError } from '../external-errors.js';
import type { Command } from './command.js';
import { memoryLimit } from './memory-limit.js';
import { killGroup, killStrays, processIds, RUN_MARK } from './process-tree.js';
import type { StderrTail } from './stderr-tail.js';

/** How long the pipes of a process that has ended may stay open, where something still holds them. */
const CLOSE_MS = 1_000;

/**
 * Runs a command once, without a shell, in a folder and a process group of its own, and returns its standard output.
 * Nothing that the command has started outlives the call.
 *
 * Throws ExternalModelTimeoutError, ExternalModelError (it does not start, ends with another exit code than 0, or
 * writes or allocates too much) and the signal's reason. The messages are fit for clients: they name no path.
 */
export async function runCommand(
  command: Command,
  stdin: Buffer,
  stderr: StderrTail,
  signal: AbortSignal,
  limit = command.maxMemoryBytes === undefined ? undefined : memoryLimit(command.maxMemoryBytes),
): Promise<Buffer> {
  signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), 'kriged-run-'));
  try {
    const run = randomUUID();
    const before = await processIds();
    const [file, ...args] = limit?.wrap([command.command, ...command.args]) ?? [
      command.command,
      ...command.args,
    ];
    const child = spawn(file, args, {
      cwd: command.cwd ?? folder,
      env: environment(command, folder, run),
      stdio: 'pipe',
      // The leader of a group, which can be killed as a whole.
      detached: true,
    });
    return await new Run(command, child, stderr, () => killStrays(run, before)).finish(stdin, signal, limit);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a command knows of the server's environment: where programs are, and the language. */
function environment(command: Command, folder: string, run: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    HOME: folder,
    TMPDIR: folder,
    ...command.env,
    [RUN_MARK]: run,
  };
}

class Run {
  readonly #output: Buffer[] = [];
  #outputBytes = 0;
  #stopped: { readonly reason: unknown } | undefined;
  /** Aborts when the process has ended and its pipes are closed. */
  readonly #closed = new AbortController();

  constructor(
    private readonly command: Command,
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly stderr: StderrTail,
    private readonly endStrays: () => Promise<void>,
  ) {}

  async finish(
    stdin: Buffer,
    signal: AbortSignal,
    limit: ReturnType<typeof memoryLimit> | undefined,
  ): Promise<Buffer> {
    const { child, command } = this;
    const abort = (): void => this.#stop(signal.reason);
    const timer = setTimeout(() => {
      const message = `The external solver did not answer within ${command.timeoutMs} ms.`;
      this.#stop(new ExternalModelTimeoutError(message, command.timeoutMs));
    }, command.timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    const unwatch =
      child.pid === undefined
        ? undefined
        : limit?.watch(child.pid, () => this.#fail('took more memory than it may have'));
    // What could not be started may have no pipes.
    if (child.pid !== undefined) this.#connect(stdin);
    if (signal.aborted) abort();
    try {
      const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      await this.#clearUp();
      if (this.#stopped) throw this.#stopped.reason;
      if (code !== 0)
        throw failure(code === null ? `was killed by ${killedBy}` : `ended with exit code ${code}`);
      return Buffer.concat(this.#output);
    } catch (error) {
      // An error of `spawn` itself, such as ENOENT.
      const { code, syscall } = error as NodeJS.ErrnoException;
      throw syscall?.startsWith('spawn') === true ? failure(`could not be started (${code})`) : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      unwatch?.();
    }
  }

  #connect(stdin: Buffer): void {
    const { child } = this;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#outputBytes += chunk.length;
      if (this.#outputBytes <= this.command.maxOutputBytes) this.#output.push(chunk);
      else this.#fail(`wrote more than ${this.command.maxOutputBytes} bytes`);
    });
    child.stderr.on('data', (chunk: Buffer) => this.stderr.push(chunk));
    child.once('close', () => this.#closed.abort());
    // A command may end, or close its input, without having read it: what it answers is what counts.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  }

  /** Ends what the command has left running, and waits for the last bytes of its output. */
  async #clearUp(): Promise<void> {
    const { child } = this;
    if (child.pid !== undefined) killGroup(child.pid);
    await this.endStrays();
    await sleep(CLOSE_MS, undefined, { signal: this.#closed.signal }).catch(() => undefined);
    this.stderr.end();
    child.stdout.destroy();
    child.stderr.destroy();
  }

  #fail(what: string): void {
    this.#stop(failure(`${what}, and was stopped`));
  }

  #stop(reason: unknown): void {
    this.#stopped ??= { reason };
    if (this.child.pid !== undefined) killGroup(this.child.pid);
  }
}

function failure(what: string): ExternalModelError {
  return new ExternalModelError(
    `The external solver ${what}. The log tells what it wrote on standard error.`,
  );
}
