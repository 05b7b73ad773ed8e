import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelFiles, Places } from '../places.ts';
import type { Command } from './process-tree.ts';
import type { Format } from './request.ts';

export interface ServeOptions {
  readonly places: Places;
  readonly model: ModelFiles;
  readonly port: number;
  readonly processes: number;
}

/** A competitor: how to start it, and where it answers which format. */
export interface BenchServer {
  readonly id: string;
  readonly title: string;
  /** Counts for "the fastest of the Python servers". */
  readonly python: boolean;
  /** Answers a constant: its answers are not compared. */
  readonly constant?: true;
  /** Measured only where it is asked for by name, beside the main one. */
  readonly variant?: true;
  readonly paths: Partial<Readonly<Record<Format, string>>>;
  command(options: ServeOptions): Command;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const peers = fileURLToPath(new URL('../peers', import.meta.url));

/** One BLAS thread a process: with two worker processes each side has two busy threads. */
const ONE_THREAD = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

const ANY = {
  row: '/predict',
  json: '/predict',
  'mean-only': '/predict',
  csv: '/predict',
  npy: '/predict',
  'npy-npy': '/predict',
} as const;

function kriged(logLevel: string): BenchServer['command'] {
  return ({ model, port, processes }) => ({
    argv: [process.execPath, '--max-semi-space-size=2', 'dist/main.js'], // as `npm start` does
    cwd: root,
    env: {
      MODELS_DIR: model.folder,
      HOST: '127.0.0.1',
      PORT: String(port),
      PROCESSES: String(processes),
      BLAS: process.env['BLAS'] ?? 'auto',
      THREADS: process.env['THREADS'] ?? 'auto',
      LOG_LEVEL: logLevel,
      DATA_DIR: join(tmpdir(), `kriged-bench-data-${userInfo().uid}-${logLevel}`),
    },
  });
}

export const KRIGED: BenchServer = {
  id: 'kriged',
  title: 'Kriged',
  python: false,
  paths: ANY,
  command: kriged('warn'), // the peers do not log requests either
};

const KRIGED_LOGGING: BenchServer = {
  id: 'kriged-logging',
  title: 'Kriged, default log level',
  python: false,
  variant: true,
  paths: { row: '/predict' },
  command: kriged('info'),
};

export const FLASK: BenchServer = {
  id: 'flask-gpy',
  title: 'Flask + GPy (gunicorn)',
  python: true,
  paths: ANY,
  command: ({ places, model, port, processes }) => ({
    argv: [
      places.python('gunicorn'),
      '--workers',
      String(processes),
      '--bind',
      `127.0.0.1:${port}`,
      '--timeout',
      '300',
      'flask_gpy:app',
    ],
    cwd: peers,
    env: { ...ONE_THREAD, MODEL: model.gpy, PYTHONDONTWRITEBYTECODE: '1' },
  }),
};

export const FASTAPI: BenchServer = {
  id: 'fastapi-sklearn',
  title: 'FastAPI + scikit-learn (uvicorn)',
  python: true,
  paths: {
    row: '/predict',
    json: '/predict-rows',
    'mean-only': '/predict-rows',
    csv: '/predict-file',
    npy: '/predict-file',
    'npy-npy': '/predict-npy',
  },
  command: ({ places, model, port, processes }) => ({
    argv: [
      places.python('uvicorn'),
      '--workers',
      String(processes),
      '--port',
      String(port),
      '--no-access-log',
      '--log-level',
      'warning',
      'fastapi_sklearn:app',
    ],
    cwd: peers,
    env: { ...ONE_THREAD, MODEL: model.sklearn, PYTHONDONTWRITEBYTECODE: '1' },
  }),
};

const BENTOML: BenchServer = {
  id: 'bentoml-sklearn',
  title: 'BentoML + scikit-learn',
  python: true,
  paths: { row: '/predict', json: '/predict_rows' },
  command: ({ places, model, port, processes }) => ({
    argv: [
      places.python('bentoml'),
      'serve',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      'bentoml_sklearn:Surrogate',
    ],
    cwd: peers,
    env: {
      ...ONE_THREAD,
      MODEL: model.sklearn,
      WORKERS: String(processes),
      PYTHONDONTWRITEBYTECODE: '1',
      BENTOML_HOME: places.bentoHome,
      BENTOML_DO_NOT_TRACK: 'True',
    },
  }),
};

export const EMPTY_NEST: BenchServer = {
  id: 'empty-nest',
  title: 'empty Nest + Express route',
  python: false,
  constant: true,
  paths: { row: '/predict' },
  command: ({ port, processes }) => ({
    argv: [process.execPath, 'bench/peers/empty-nest.ts'],
    cwd: root,
    env: { PORT: String(port), PROCESSES: String(processes), NODE_ENV: 'production' },
  }),
};

/** Flask first: its answers are the reference. */
export const SERVERS: readonly BenchServer[] = [FLASK, FASTAPI, BENTOML, EMPTY_NEST, KRIGED, KRIGED_LOGGING];
