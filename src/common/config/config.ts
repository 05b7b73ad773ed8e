import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The settings of one process, read once from the environment. Injected by class. */
export class Config {
  readonly port!: number;
  readonly host!: string;
  readonly modelsDir!: string;
  readonly defaultModel!: string | undefined;
  readonly maxBodyBytes!: number;
  readonly maxResultValues!: number;
  readonly maxModelFileBytes!: number;
  readonly maxModelBytes!: number;
  readonly modelCacheBytes!: number;
  readonly modelLoading!: 'eager' | 'lazy';
  readonly modelsApi!: 'read-write' | 'read-only';
  readonly modelsPollMs!: number;
  readonly dataDir!: string;
  readonly databaseUrl!: string | undefined;
  readonly role!: 'all' | 'api' | 'worker';
  readonly artifacts!: string | undefined;
  readonly jobsRetentionHours!: number;
  readonly jobsRetentionFailedHours!: number;
  readonly corsOrigins!: readonly string[];
  readonly logLevel!: string;
  readonly shutdownTimeoutMs!: number;
  readonly processes!: number;
  readonly threads!: number;
  readonly blas!: string;
  readonly processCommands!: string | undefined;
  readonly remoteHosts!: readonly string[];
  readonly remoteTokens!: string | undefined;
  readonly jobsTimeLimit!: number;
  readonly jobsMaxAttempts!: number;
  readonly jobsConcurrency!: ReadonlyMap<string, number>;
  readonly jobsSyncLimit!: number;
  readonly jobsMaxInputBytes!: number;
  readonly inputDir!: string | undefined;
  readonly webhookHosts!: readonly string[];
  readonly webhookSecret!: string | undefined;

  constructor(values: ConfigValues) {
    Object.assign(this, values);
  }
}

export type ConfigValues = { -readonly [K in keyof Config]: Config[K] };

/** A variable holds something that is not allowed. The message is the one line a person needs to mend it. */
export class ConfigError extends Error {
  /** `received`: undefined for what is not to be shown. */
  constructor(name: string, received: string | undefined, expected: string) {
    const what = received === undefined ? 'is not usable' : `is ${JSON.stringify(received)}`;
    super(`${name} ${what}, expected ${expected}.`);
    this.name = 'ConfigError';
  }
}

interface Variable<T> {
  readonly name: string;
  /** The default, written as a person would set it. */
  readonly fallback: string;
  readonly expected: string;
  /** Undefined where the text is not allowed. */
  readonly parse: (text: string) => T | undefined;
  readonly description: string;
  /** Never quoted. */
  readonly isSecret?: true;
}

const exampleModels = fileURLToPath(new URL('../../../models', import.meta.url));
const projectData = fileURLToPath(new URL('../../../data', import.meta.url));
const MiB = 2 ** 20;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Stands for a number that follows from another setting. */
const AUTO = 0;

/** Every setting, in the order of the README's table. */
export const VARIABLES: { readonly [K in keyof ConfigValues]: Variable<ConfigValues[K]> } = {
  port: {
    name: 'PORT',
    fallback: '5001',
    expected: 'a whole number from 0 to 65535 (0 takes any free port)',
    parse: integer(0, 65_535),
    description: 'Port the server listens on.',
  },
  host: {
    name: 'HOST',
    fallback: '0.0.0.0',
    expected: 'an address or host name without spaces',
    parse: (text) => (/^[\w.:%-]+$/.test(text) ? text : undefined),
    description: 'Address the server listens on.',
  },
  modelsDir: {
    name: 'MODELS_DIR',
    fallback: exampleModels,
    expected: 'the path of an existing folder that this process may read',
    parse: (text) => (isReadableFolder(text) ? resolve(text) : undefined),
    description: 'Folder that holds the models.',
  },
  defaultModel: {
    name: 'DEFAULT_MODEL',
    fallback: '',
    expected: 'the name of a model',
    parse: (text) => (text === '' ? undefined : text),
    description: 'Model that `/predict` means when there are several.',
  },
  maxBodyBytes: {
    name: 'MAX_BODY_BYTES',
    fallback: String(128 * MiB),
    expected: 'a whole number of bytes from 1024 to 2147483647',
    parse: integer(1024, 2 ** 31 - 1),
    description: 'Largest request body, after decompression.',
  },
  maxResultValues: {
    name: 'MAX_RESULT_VALUES',
    fallback: '10000000',
    expected: 'a whole number from 1 to 100000000',
    parse: integer(1, 100_000_000),
    description: 'Most numbers one answer may hold (a covariance of N rows holds N x N).',
  },
  maxModelFileBytes: {
    name: 'MAX_MODEL_FILE_BYTES',
    fallback: String(2048 * MiB),
    expected: 'a whole number of bytes from 1024 to 1099511627776',
    parse: integer(1024, 2 ** 40),
    description: 'Largest model file that is opened.',
  },
  maxModelBytes: {
    name: 'MAX_MODEL_BYTES',
    fallback: String(256 * MiB),
    expected: 'a whole number of bytes from 1048576 to 68719476736',
    parse: integer(MiB, 2 ** 36),
    description: 'Most memory that the arrays of one model may take (5,700 training points by default).',
  },
  modelCacheBytes: {
    name: 'MODEL_CACHE_BYTES',
    fallback: String(2048 * MiB),
    expected: 'a whole number of bytes from 1048576 to 1099511627776',
    parse: integer(MiB, 2 ** 40),
    description:
      'Most memory that all models together take: the least recently used are unloaded, and come back on demand.',
  },
  modelLoading: {
    name: 'MODEL_LOADING',
    fallback: 'eager',
    expected: 'eager or lazy',
    parse: oneOf('eager', 'lazy'),
    description: 'Whether models are loaded at the start or when first asked for.',
  },
  modelsApi: {
    name: 'MODELS_API',
    fallback: 'read-write',
    expected: 'read-write or read-only',
    parse: oneOf('read-write', 'read-only'),
    description: 'Whether requests may upload, delete and roll back models.',
  },
  modelsPollMs: {
    name: 'MODELS_POLL_MS',
    fallback: '2000',
    expected: 'a whole number of milliseconds from 0 to 3600000',
    parse: integer(0, 3_600_000),
    description:
      'How often the models folder is looked through, for file systems that do not tell of changes; 0 is never.',
  },
  dataDir: {
    name: 'DATA_DIR',
    fallback: projectData,
    expected: 'the path of a folder that this process may make and write',
    parse: (text) => resolve(text),
    description:
      'Folder of the jobs and their files; made where it is not there. One server has it at a time.',
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    fallback: '',
    expected: 'the URL of a PostgreSQL database, such as postgres://user:password@db.example.org:5432/kriged',
    parse: postgresUrl,
    description:
      'PostgreSQL that keeps the jobs, for any number of servers: `postgres://user:password@host:5432/database`. Without it, DATA_DIR does.',
    isSecret: true,
  },
  role: {
    name: 'ROLE',
    fallback: 'all',
    expected: 'all, api or worker',
    parse: oneOf('all', 'api', 'worker'),
    description:
      '`api` answers requests and runs no job, `worker` runs jobs and answers only `/health`; both want DATABASE_URL.',
  },
  artifacts: {
    name: 'ARTIFACTS',
    fallback: '',
    expected: 'file:///path of a folder, or s3://bucket or s3://bucket/prefix',
    parse: artifactsUrl,
    description:
      'Where the files of jobs are: `file:///path` or `s3://bucket/prefix`, the same for every server; in DATA_DIR without it.',
  },
  jobsRetentionHours: {
    name: 'JOBS_RETENTION_HOURS',
    fallback: '168',
    expected: 'a whole number of hours from 1 to 876000',
    parse: integer(1, 876_000),
    description: 'How long a job that succeeded is kept, with its files (7 days).',
  },
  jobsRetentionFailedHours: {
    name: 'JOBS_RETENTION_FAILED_HOURS',
    fallback: '720',
    expected: 'a whole number of hours from 1 to 876000',
    parse: integer(1, 876_000),
    description: 'How long a job that failed or was cancelled is kept (30 days).',
  },
  corsOrigins: {
    name: 'CORS_ORIGINS',
    fallback: '',
    expected: '* or a comma-separated list of origins such as https://app.example.org',
    parse: origins,
    description: 'Origins whose pages may call the API from a browser; none by default.',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    fallback: 'info',
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    parse: (text) => (LOG_LEVELS.includes(text) ? text : undefined),
    description: 'Least severe level that is logged.',
  },
  shutdownTimeoutMs: {
    name: 'SHUTDOWN_TIMEOUT_MS',
    fallback: '30000',
    expected: 'a whole number of milliseconds from 0 to 600000',
    parse: integer(0, 600_000),
    description: 'How long a stopping server waits for the requests it has taken.',
  },
  processes: {
    name: 'PROCESSES',
    fallback: '1',
    expected: 'auto (one a processor) or a whole number from 1 to 256',
    parse: countOrAuto,
    description: 'Processes that share the port; `auto` is one a processor.',
  },
  threads: {
    name: 'THREADS',
    fallback: 'auto',
    expected: 'auto (the processors, shared among the processes) or a whole number from 1 to 256',
    parse: (text) => (text === 'auto' ? AUTO : integer(1, 256)(text)),
    description:
      'Worker threads of each process, for large requests; `auto` shares the processors among the processes.',
  },
  blas: {
    name: 'BLAS',
    fallback: 'auto',
    expected: 'auto, off, or the path of a BLAS library',
    parse: (text) => (text === 'auto' || text === 'off' || text.includes('/') ? text : undefined),
    description: 'OpenBLAS for large models: `auto` takes it where it is installed; `off`; or its path.',
  },
  processCommands: {
    name: 'PROCESS_COMMANDS',
    fallback: '',
    expected: 'the path of a file that this process may read',
    parse: readableFile,
    description: 'YAML or JSON file of the commands that models of type `process` may name.',
  },
  remoteHosts: {
    name: 'REMOTE_HOSTS',
    fallback: '',
    expected: 'a comma-separated list of host or host:port, such as models.example.org,10.0.0.7:5001',
    parse: hosts,
    description: 'Hosts (`host` or `host:port`, with commas) that models of type `remote` may lie on.',
  },
  remoteTokens: {
    name: 'REMOTE_TOKENS',
    fallback: '',
    expected: 'the path of a file that this process may read',
    parse: readableFile,
    description: 'YAML or JSON file of the `Authorization` header for each of those hosts that wants one.',
  },
  jobsTimeLimit: {
    name: 'JOBS_TIME_LIMIT',
    fallback: '21600',
    expected: 'a whole number of seconds from 1 to 604800',
    parse: integer(1, 604_800),
    description: 'Longest time of one attempt at a job, in seconds, where its request names none.',
  },
  jobsMaxAttempts: {
    name: 'JOBS_MAX_ATTEMPTS',
    fallback: '3',
    expected: 'a whole number from 1 to 20',
    parse: integer(1, 20),
    description: 'How often a job is attempted at most, where its request does not say.',
  },
  jobsConcurrency: {
    name: 'JOBS_CONCURRENCY',
    fallback: '',
    expected: 'types of jobs, each once, with a whole number from 0 to 1000, such as train=1,predict-part=4',
    parse: counts(0, 1000),
    description:
      'How many jobs of a type each process runs at the same time, where it is not to choose: `train=1,predict-part=4`. 0 leaves them to other processes.',
  },
  jobsSyncLimit: {
    name: 'JOBS_SYNC_LIMIT',
    fallback: '2',
    expected: 'a whole number of seconds from 0 to 3600',
    parse: integer(0, 3600),
    description:
      'Predictions that are estimated to take longer, in seconds, become jobs where the client would wait (`Prefer: respond-async, wait=5`).',
  },
  jobsMaxInputBytes: {
    name: 'JOBS_MAX_INPUT_BYTES',
    fallback: String(4096 * MiB),
    expected: 'a whole number of bytes from 1024 to 1099511627776',
    parse: integer(1024, 2 ** 40),
    description: 'Largest file of rows that a batch takes, after decompression.',
  },
  inputDir: {
    name: 'INPUT_DIR',
    fallback: '',
    expected: 'the path of an existing folder that this process may read',
    parse: (text) => (text !== '' && isReadableFolder(text) ? resolve(text) : undefined),
    description: 'Folder whose files a batch may name instead of sending its rows; none by default.',
  },
  webhookHosts: {
    name: 'WEBHOOK_HOSTS',
    fallback: '',
    expected: 'a comma-separated list of host or host:port, such as hooks.example.org,10.0.0.7:9000',
    parse: hosts,
    description: 'Hosts (`host` or `host:port`, with commas) that may be told when a job has ended.',
  },
  webhookSecret: {
    name: 'WEBHOOK_SECRET',
    fallback: '',
    expected: '`whsec_` and 24 to 64 bytes in base64',
    parse: signingSecret,
    isSecret: true,
    description: 'Signs those messages: `whsec_` and 24 to 64 bytes in base64.',
  },
};

/** Reads the settings. An unset or empty variable means its default. Throws ConfigError for the first wrong one. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries(VARIABLES) as [string, Variable<unknown>][]) {
    const text = env[variable.name]?.trim() || variable.fallback;
    const value = variable.parse(text);
    if (value === undefined && text !== '') {
      throw new ConfigError(variable.name, variable.isSecret ? undefined : text, variable.expected);
    }
    values[key] = value;
  }
  const config = values as unknown as ConfigValues;
  if (config.threads === AUTO) config.threads = Math.ceil(availableParallelism() / config.processes);
  requireTogether(config);
  return new Config(config);
}

/** Servers that share the work must share what it is about. */
function requireTogether({ role, databaseUrl, artifacts }: ConfigValues): void {
  if (role === 'all') return;
  if (databaseUrl === undefined) {
    throw new ConfigError(
      'ROLE',
      role,
      'all, or a DATABASE_URL beside it: its jobs come from other processes',
    );
  }
  if (artifacts === undefined) {
    throw new ConfigError(
      'ROLE',
      role,
      'ARTIFACTS beside it: the place of the files that all processes share',
    );
  }
}

function postgresUrl(text: string): string | undefined {
  return /^postgres(ql)?:\/\/\S+$/.test(text) && URL.canParse(text) ? text : undefined;
}

/** A bucket's name as S3 has it, and names as keys have them. */
function artifactsUrl(text: string): string | undefined {
  const isFolder = /^file:\/\/\/./.test(text) && URL.canParse(text);
  return isFolder || /^s3:\/\/[a-z\d][a-z\d.-]{1,61}[a-z\d](\/[\w.-]+)*\/?$/.test(text) ? text : undefined;
}

function countOrAuto(text: string): number | undefined {
  return text === 'auto' ? availableParallelism() : integer(1, 256)(text);
}

function oneOf<Word extends string>(...words: readonly Word[]): (text: string) => Word | undefined {
  return (text) => words.find((word) => word === text);
}

function integer(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
}

/** `name=number,name=number`. */
function counts(min: number, max: number): (text: string) => ReadonlyMap<string, number> | undefined {
  const count = integer(min, max);
  return (text) => {
    const map = new Map<string, number>();
    for (const item of commaSeparated(text)) {
      const [, name, digits] = /^([a-z][a-z-]*)\s*=\s*(\d+)$/.exec(item) ?? [];
      const value = name === undefined || map.has(name) ? undefined : count(digits);
      if (value === undefined) return undefined;
      map.set(name, value);
    }
    return map;
  };
}

function isReadableFolder(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Undefined for what is no file, and for no path at all. */
function readableFile(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile() ? resolve(path) : undefined;
  } catch {
    return undefined;
  }
}

function signingSecret(text: string): string | undefined {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = base64 === undefined ? 0 : Buffer.from(base64, 'base64').length;
  return bytes >= 24 && bytes <= 64 ? text : undefined;
}

function hosts(text: string): string[] | undefined {
  const list = commaSeparated(text.toLowerCase());
  return list.every((host) => /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/.test(host)) ? list : undefined;
}

function origins(text: string): string[] | undefined {
  const list = commaSeparated(text);
  return list.every((origin) => origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin))
    ? list
    : undefined;
}

function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
