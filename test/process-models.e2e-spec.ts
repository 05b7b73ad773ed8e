import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { expectNoLeak, expectProblem } from './support/problem.js';
import { ServerProcess } from './support/server-process.js';
import { jsonSolver } from './support/solver.js';
import { type TestApp, useApp } from './support/test-app.js';

const folder = mkdtempSync(join(tmpdir(), 'kriged-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));

const node = (script: string, more: object = {}) => ({
  command: process.execPath,
  args: ['-e', script],
  timeoutMs: 20_000,
  ...more,
});
const spec = (command: string, more: object = {}): string =>
  JSON.stringify({ type: 'process', command, inputs: ['x1', 'x2'], outputs: ['y'], ...more });

/** Writes a commands file; returns its path. */
function commandsFile(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** The id that a solver has written of its process. */
async function idIn(file: string): Promise<number> {
  const path = join(folder, file);
  while (!existsSync(path) || readFileSync(path, 'utf8') === '') await sleep(10);
  return Number(readFileSync(path, 'utf8'));
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const endless = (file: string): string =>
  `require('node:fs').writeFileSync(${JSON.stringify(join(folder, file))}, String(process.pid)); setInterval(() => {}, 1000);`;

describe('models of external solvers', () => {
  const app: TestApp = useApp(
    {
      'sum.json': spec('sum', { description: 'The sum.' }),
      'two.json': spec('two', {
        inputs: [{ name: 'x1', unit: 'm' }, 'x2'],
        outputs: ['a', 'b'],
      }),
      'failing.json': spec('failing'),
      'garbage.json': spec('garbage'),
      'slow.json': spec('slow'),
      'busy.json': spec('busy'),
      'unknown.json': spec('rm'),
      'missing.json': spec('missing'),
      'holds-a-command.json': spec('sum', { args: ['-rf', '/'] }),
    },
    {
      PROCESS_COMMANDS: commandsFile('commands.json', {
        sum: node(jsonSolver('{ y: x1 + x2 }')),
        two: node(jsonSolver('{ a: x1 * x2, b: inputs.length }'), { batch: 2, concurrency: 2 }),
        failing: node('console.error("no licence at /opt/secret"); process.exit(4)'),
        garbage: node('process.stdout.write("Traceback: /opt/secret.py")'),
        slow: node('setInterval(() => {}, 1000)', { timeoutMs: 300 }),
        busy: node(endless('busy'), { maxRequests: 1 }),
        missing: { command: '/no/such/solver' },
      }),
    },
  );

  it('predicts', async () => {
    const one = await app.request().post('/models/sum/predict').send({ x2: 2, x1: 0.5 });
    expect([one.status, one.body]).toEqual([200, { mean: 2.5 }]);
    const rows = [1, 2, 3, 4, 5].map((x) => [x, 10]);
    const many = await app.request().post('/models/two/predict').send(rows);
    expect(many.body).toEqual({
      mean: [
        [10, 2],
        [20, 2],
        [30, 2],
        [40, 2],
        [50, 1],
      ],
    });
  });

  it('says what the model is, and not how it is run', async () => {
    const { body, text } = await app.request().get('/models/two');
    expect(body).toMatchObject({
      state: 'ready',
      type: 'process',
      format: 'external solver (two)',
      inputs: [
        { name: 'x1', kind: 'real', unit: 'm' },
        { name: 'x2', kind: 'real' },
      ],
      supports: [],
      description: { command: 'two', timeoutMs: 20_000, concurrency: 2, batch: 2 },
    });
    expect(text).not.toContain(process.execPath);
  });

  it.each([
    [
      'unknown',
      /^There is no command "rm": the operator configures commands in the file that PROCESS_COMMANDS/,
    ],
    ['missing', /^The program of command "missing" cannot be started \(ENOENT\)\.$/],
    ['holds-a-command', /^args is not a known field/],
  ])('does not serve %s, and says why', async (name, reason) => {
    const { body, text } = await app.request().get(`/models/${name}`);
    expect(body).toMatchObject({ state: 'failed', reason: expect.stringMatching(reason) });
    expectNoLeak(text);
    expect(text).not.toContain('/no/such');
  });

  it('answers 502 where the solver fails, and keeps to itself what it said', async () => {
    const body = expectProblem(
      await app
        .request()
        .post('/models/failing/predict')
        .send([[1, 2]]),
      502,
      'EXTERNAL_MODEL_FAILED',
    );
    expect(body.detail).toContain('ended with exit code 4');
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('answers 502 where the solver writes what is no answer', async () => {
    const body = expectProblem(
      await app
        .request()
        .post('/models/garbage/predict')
        .send([[1, 2]]),
      502,
      'EXTERNAL_MODEL_FAILED',
    );
    expect(body.detail).toBe('The output of the external solver cannot be used: it is not JSON.');
  });

  it('answers 504 where the solver takes too long', async () => {
    const response = await app
      .request()
      .post('/models/slow/predict')
      .send([[1, 2]]);
    expect(expectProblem(response, 504, 'EXTERNAL_MODEL_TIMEOUT')).toMatchObject({ timeoutMs: 300 });
  });

  it('answers 501 to what no solver gives', async () => {
    const response = await app
      .request()
      .post('/models/sum/predict?quantiles=5')
      .send([[1, 2]]);
    expectProblem(response, 501, 'QUANTILES_NOT_SUPPORTED');
  });

  it('answers 503 where too many wait, and stops the solver of a client that has gone', async () => {
    const gone = new AbortController();
    const url = `http://127.0.0.1:${app.port}/models/busy/predict?x1=1&x2=2`;
    const first = fetch(url, { signal: gone.signal });
    const pid = await idIn('busy');
    const second = await app.request().get('/models/busy/predict?x1=1&x2=2');
    expectProblem(second, 503, 'EXTERNAL_MODEL_UNAVAILABLE');
    expect(second.headers['retry-after']).toBe('1');
    expect(runs(pid)).toBe(true);
    gone.abort();
    await expect(first).rejects.toThrow(/abort/);
    while (runs(pid)) await sleep(10);
  });
});

describe('a server with external solvers', () => {
  it.each([
    [
      '{"a": {"command": "solver"}}',
      /a\.command is the string "solver": expected a text that matches pattern/,
    ],
    ['{"a": {"command": "/solver", "shell": true}}', /a\.shell is not a known field/],
    ['{"a": {"command": "/solver", "timeoutMs": 0}}', /a\.timeoutMs is 0: expected >= 1/],
    ['{', /Not valid JSON/],
  ])('does not start with %s', async (content, reason) => {
    const { code, stderr } = await new ServerProcess({ PROCESS_COMMANDS: commandsFile('bad.json', content) })
      .ended;
    expect(stderr).toMatch(
      /^PROCESS_COMMANDS is ".*bad\.json", expected a YAML or JSON file of commands\. .*\n$/,
    );
    expect(stderr).toMatch(reason);
    expect(code).toBe(1);
  });

  it('does not start with commands in the models folder', async () => {
    const path = commandsFile('inside.json', {});
    const { code, stderr } = await new ServerProcess({ PROCESS_COMMANDS: path, MODELS_DIR: folder }).ended;
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('expected a file outside the models folder.'),
    ]);
  });

  it('ends its solvers when it ends', async () => {
    const models = mkdtempSync(join(folder, 'models-'));
    writeFileSync(join(models, 'endless.json'), spec('endless'));
    const server = new ServerProcess({
      MODELS_DIR: models,
      PROCESS_COMMANDS: commandsFile('endless.json', { endless: node(endless('endless')) }),
      SHUTDOWN_TIMEOUT_MS: '100',
    });
    const answer = fetch(`http://127.0.0.1:${await server.port()}/predict?x1=1&x2=2`).catch(() => 'cut off');
    const pid = await idIn('endless');
    server.signal('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0, signal: null });
    expect(await answer).toBe('cut off');
    expect(runs(pid)).toBe(false);
  });
});
