import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run-command.ts';

const requirements = fileURLToPath(new URL('peers/requirements.txt', import.meta.url));
const examples = fileURLToPath(new URL('../models', import.meta.url));
const makeModels = fileURLToPath(new URL('peers/make_models.py', import.meta.url));

/** One model in the forms that the servers read. */
export interface ModelFiles {
  /** Holds the GPy pickle and no other model. */
  readonly folder: string;
  readonly gpy: string;
  readonly sklearn: string;
}

/**
 * The folder outside the repository where the Python environment and the models are kept between runs:
 * KRIGED_BENCH_CACHE, or one under the system's folder for temporary files.
 */
export class Places {
  readonly root = process.env['KRIGED_BENCH_CACHE'] ?? join(tmpdir(), `kriged-bench-${userInfo().uid}`);

  python(program = 'python'): string {
    return join(this.root, 'venv', 'bin', program);
  }

  get models(): string {
    return join(this.root, 'models');
  }

  get bentoHome(): string {
    return join(this.root, 'bentoml');
  }

  /** The model with n training points. */
  model(n: number): ModelFiles {
    const place = join(this.models, `n${n}`);
    const folder = join(place, 'gpy');
    return { folder, gpy: join(folder, 'model.pkl'), sklearn: join(place, 'sklearn.joblib') };
  }

  /** The example model that comes with the project; for the peers that cannot read it, one of the same size. */
  get exampleModel(): ModelFiles {
    return { ...this.model(200), folder: examples, gpy: join(examples, 'example.pkl') };
  }

  /** Installs the Python peers and makes the models, unless both are there from the same files. */
  async setUp(): Promise<void> {
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
    await this.once('venv', [requirements], async () => {
      const python = process.env['PYTHON'] ?? 'python3';
      await run([python, '-m', 'venv', '--clear', join(this.root, 'venv')]);
      await run([this.python(), '-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    });
    await this.once('models', [makeModels, requirements], () =>
      run([this.python(), makeModels, this.models]),
    );
  }

  /** Calls `make`, unless it did so before from files of the same content. */
  async once(name: string, sources: readonly string[], make: () => Promise<unknown>): Promise<void> {
    const stamp = join(this.root, `${name}.sha256`);
    const content = createHash('sha256');
    for (const source of sources) content.update(readFileSync(source));
    const hash = content.digest('hex');
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
    console.error(`bench: setting up ${name} in ${this.root}`);
    await make();
    writeFileSync(stamp, hash);
  }
}
