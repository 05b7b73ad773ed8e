import { ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { solver } from '../../../test/support/solver.js';
import { ExternalModelError, ExternalModelTimeoutError } from '../external-errors.js';
import type { Command } from './command.js';
import { watchedLimit } from './memory-limit.js';
import { runCommand } from './run-command.js';
import { StderrTail } from './stderr-tail.js';

vi.mock('node:child_process', { spy: true });

const folder = mkdtempSync(join(tmpdir(), 'kriged-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const run = (command: Command, stdin = '', signal = never, stderr = new StderrTail()): Promise<Buffer> =>
  runCommand(command, Buffer.from(stdin), stderr, signal);

/** Whether the process is there and no zombie. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The text of a file, once a process has written it. */
async function written(path: string): Promise<string> {
  for (;;) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (text.endsWith('\n')) return text;
    await sleep(10);
  }
}

/** A child that sleeps, and a sleeping grandchild: both ids, in a file, in a line. */
const family = (file: string, grandchild = {}): Command =>
  solver(`
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], ${JSON.stringify(grandchild)});
    require('node:fs').writeFileSync(${JSON.stringify(file)}, process.pid + ' ' + child.pid + '\\n');
    setInterval(() => {}, 1000);`);

describe('runCommand', () => {
  it('gives standard input, and returns standard output', async () => {
    const echo = solver('process.stdin.pipe(process.stdout)');
    expect((await run(echo, 'x1,x2\n1,2\n')).toString()).toBe('x1,x2\n1,2\n');
  });

  it('says that a command could not be started where the server has too many files open', async () => {
    vi.mocked(spawn).mockImplementationOnce(() => {
      // As Node.js has it then: no pipes, and the error a moment later.
      const child = new ChildProcess();
      const error = Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE', syscall: 'spawn solver' });
      process.nextTick(() => child.emit('error', error));
      return child;
    });
    const failed = run(solver(''));
    await expect(failed).rejects.toThrow(ExternalModelError);
    await expect(failed).rejects.toThrow('could not be started (EMFILE)');
  });

  it('passes arguments as they are: no shell reads them', async () => {
    const print = solver('process.stdout.write(JSON.stringify(process.argv.slice(1)))');
    const args = ['$HOME', '`id`', '; echo x', 'a b', '*', '"'];
    const output = await run({ ...print, args: [...print.args, '--', ...args] });
    expect(JSON.parse(output.toString())).toEqual(args);
  });

  it('hides the environment of the server, and adds that of the command', async () => {
    process.env['SOME_SECRET'] = 'secret';
    const print = solver('process.stdout.write(JSON.stringify(process.env))', {
      env: { OMP_NUM_THREADS: '2' },
    });
    const environment = JSON.parse((await run(print)).toString()) as Record<string, string>;
    delete process.env['SOME_SECRET'];
    expect(Object.keys(environment).sort()).toEqual(
      ['HOME', 'KRIGED_RUN', 'LANG', 'OMP_NUM_THREADS', 'PATH', 'TMPDIR'].sort(),
    );
  });

  it('gives each run a folder of its own, and removes it', async () => {
    const script = `require('node:fs').writeFileSync('scratch', 'x');
      process.stdout.write(process.cwd() + ' ' + process.env.TMPDIR + ' ' + require('node:fs').readdirSync('.'))`;
    const [first, second] = (await Promise.all([run(solver(script)), run(solver(script))])).map(String);
    const [cwd, temporary, files] = first.split(' ');
    expect([temporary, files]).toEqual([cwd, 'scratch']);
    expect(second).not.toContain(cwd);
    expect(existsSync(cwd)).toBe(false);
  });

  it('runs in the folder of the command, where it has one', async () => {
    const output = await run(solver('process.stdout.write(process.cwd())', { cwd: folder }));
    expect(output.toString()).toBe(folder);
    expect(existsSync(folder)).toBe(true);
  });

  it('tells the exit code, and keeps standard error for the log', async () => {
    const stderr = new StderrTail();
    const failing = solver('console.error("cannot read /secret/path"); process.exit(3)');
    await expect(run(failing, '', never, stderr)).rejects.toThrow(
      new ExternalModelError(
        'The external solver ended with exit code 3. The log tells what it wrote on standard error.',
      ),
    );
    expect(stderr.text).toBe('cannot read /secret/path\n');
  });

  it('tells the signal that killed it', async () => {
    await expect(
      run(solver('process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)')),
    ).rejects.toThrow('was killed by SIGSEGV');
  });

  it('tells that it could not be started, without the path', async () => {
    await expect(run({ ...solver(''), command: '/no/such/solver' })).rejects.toThrow(
      /^The external solver could not be started \(ENOENT\)/,
    );
    await expect(run(solver('', { cwd: '/no/such/folder' }))).rejects.toThrow(
      /could not be started \(ENOENT\)/,
    );
  });

  it.each([
    ['ends without reading its input', 'process.stdout.write("done")'],
    ['closes its input', 'process.stdin.destroy(); setTimeout(() => process.stdout.write("done"), 50)'],
  ])('takes the answer of a command that %s', async (_what, script) => {
    expect((await run(solver(script), 'x'.repeat(4 * 2 ** 20))).toString()).toBe('done');
  });

  it('stops a command that writes too much', async () => {
    const endless = solver(
      'const block = Buffer.alloc(65536); const write = () => { while (process.stdout.write(block)); process.stdout.once("drain", write); }; write();',
      { maxOutputBytes: 100_000 },
    );
    await expect(run(endless)).rejects.toThrow(/wrote more than 100000 bytes, and was stopped/);
  });

  it('keeps no more than the end of an endless standard error', async () => {
    const stderr = new StderrTail();
    const noisy = solver(
      `for (let i = 0; i < 20000; i++) require('node:fs').writeSync(2, 'line ' + i + '\\n');`,
    );
    await run(noisy, '', never, stderr);
    expect(stderr.text).toHaveLength(64 * 1024);
    expect(stderr.text.endsWith('line 19999\n')).toBe(true);
  });
});

describe('a command that runs for too long', () => {
  it('ends at its time-out, with its children', async () => {
    const file = join(folder, 'timeout');
    const ended = run({ ...family(file), timeoutMs: 1500 });
    await expect(ended).rejects.toThrow(
      new ExternalModelTimeoutError('The external solver did not answer within 1500 ms.', 1500),
    );
    const ids = readFileSync(file, 'utf8').split(' ').map(Number);
    expect(ids.map(runs)).toEqual([false, false]);
  });

  it('ends when the signal aborts, with its children', async () => {
    const file = join(folder, 'abort');
    const abort = new AbortController();
    const ended = run(family(file), '', abort.signal);
    const ids = (await written(file)).split(' ').map(Number);
    expect(ids.map(runs)).toEqual([true, true]);
    const reason = new Error('gone');
    abort.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect(ids.map(runs)).toEqual([false, false]);
  });

  it.runIf(process.platform === 'linux')(
    'leaves no daemon behind, not even one that left the group',
    async () => {
      const file = join(folder, 'daemon');
      const abort = new AbortController();
      const ended = run(family(file, { detached: true, stdio: 'inherit' }), '', abort.signal);
      const ids = (await written(file)).split(' ').map(Number);
      abort.abort(new Error('gone'));
      await expect(ended).rejects.toThrow('gone');
      expect(ids.map(runs)).toEqual([false, false]);
    },
  );

  it.runIf(process.platform === 'linux')('answers when it has ended, whatever it left running', async () => {
    const script = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'],
      { detached: true, stdio: 'inherit' });
      process.stdout.write(String(child.pid), () => process.exit(0));`;
    const pid = Number((await run(solver(script))).toString());
    expect(pid).toBeGreaterThan(0);
    expect(runs(pid)).toBe(false);
  });

  it('does not start once the signal has aborted', async () => {
    const file = join(folder, 'never');
    await expect(run(family(file), '', AbortSignal.abort(new Error('gone before')))).rejects.toThrow(
      'gone before',
    );
    expect(existsSync(file)).toBe(false);
  });
});

describe('the memory of a command', () => {
  const MiB = 2 ** 20;
  const hungry = (bytes: number, more = ''): Command =>
    solver(`const block = Buffer.alloc(${bytes}, 1); ${more}; process.stdout.write(String(block[5]))`);

  it.runIf(process.platform === 'linux')('is limited by the kernel', async () => {
    const limited = { ...hungry(1024 * MiB), maxMemoryBytes: 600 * MiB };
    await expect(run(limited)).rejects.toThrow(ExternalModelError);
    expect((await run({ ...hungry(10 * MiB), maxMemoryBytes: 600 * MiB })).toString()).toBe('1');
  });

  it('is watched where the kernel cannot be asked', async () => {
    const limit = watchedLimit(300 * MiB);
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20000)';
    const ended = runCommand(hungry(600 * MiB, wait), Buffer.alloc(0), new StderrTail(), never, limit);
    await expect(ended).rejects.toThrow('took more memory than it may have, and was stopped');
    const small = runCommand(hungry(10 * MiB), Buffer.alloc(0), new StderrTail(), never, limit);
    expect((await small).toString()).toBe('1');
  });
});
