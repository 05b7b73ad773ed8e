import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run-command.ts';

const requirements = fileURLToPath(new URL('peers/requirements.txt', import.meta.url));
const makeModels = fileURLToPath(new URL('peers/make_models.py', import.meta.url));

/**
 * The folder outside the repository where the Python environment and the models are kept between runs:
 * KRIGED_BENCH_CACHE, or one under the system's folder for temporary files.
 */
export class Places {
  constructor(
    readonly root = process.env['KRIGED_BENCH_CACHE'] ?? join(tmpdir(), `kriged-bench-${userInfo().uid}`),
  ) {}

  python(program = 'python'): string {
    return join(this.root, 'venv', 'bin', program);
  }

  get models(): string {
    return join(this.root, 'models');
  }

  get bentoHome(): string {
    return join(this.root, 'bentoml');
  }

  gpyFolder(n: number): string {
    return join(this.models, `n${n}`, 'gpy');
  }

  gpyModel(n: number): string {
    return join(this.gpyFolder(n), 'model.pkl');
  }

  sklearnModel(n: number): string {
    return join(this.models, `n${n}`, 'sklearn.joblib');
  }

  /** Installs the Python peers and makes the models, unless both are there from the same files. */
  async setUp(): Promise<void> {
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
    await this.#once('venv', requirements, async () => {
      const python = process.env['PYTHON'] ?? 'python3';
      await run([python, '-m', 'venv', '--clear', join(this.root, 'venv')]);
      await run([this.python(), '-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    });
    await this.#once('models', makeModels, () => run([this.python(), makeModels, this.models]));
  }

  async #once(name: string, source: string, make: () => Promise<unknown>): Promise<void> {
    const stamp = join(this.root, `${name}.sha256`);
    const hash = createHash('sha256').update(readFileSync(source)).digest('hex');
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
    console.error(`bench: setting up ${name} in ${this.root}`);
    await make();
    writeFileSync(stamp, hash);
  }
}
