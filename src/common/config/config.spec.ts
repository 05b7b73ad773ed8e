import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, VARIABLES } from './config.js';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const ROOT = join(import.meta.dirname, '../../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kriged-config-'));
  writeFileSync(join(folder, 'file'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('loadConfig', () => {
  it('has a default for every setting', () => {
    expect(loadConfig({})).toMatchObject({
      port: 5001,
      host: '0.0.0.0',
      modelsDir: join(ROOT, 'models'),
      defaultModel: undefined,
      maxBodyBytes: 134_217_728,
      maxResultValues: 10_000_000,
      maxModelFileBytes: 2_147_483_648,
      maxModelBytes: 268_435_456,
      dataDir: join(ROOT, 'data'),
      databaseUrl: undefined,
      role: 'all',
      artifacts: undefined,
      jobsRetentionHours: 168,
      jobsRetentionFailedHours: 720,
      jobsTimeLimit: 21_600,
      jobsMaxAttempts: 3,
      jobsConcurrency: new Map(),
      jobsSyncLimit: 2,
      jobsMaxInputBytes: 4_294_967_296,
      inputDir: undefined,
      webhookHosts: [],
      webhookSecret: undefined,
      corsOrigins: [],
      logLevel: 'info',
      shutdownTimeoutMs: 30_000,
    });
  });

  it('takes an empty or blank variable for one that is not set', () => {
    expect(loadConfig({ PORT: '', LOG_LEVEL: '  ', DEFAULT_MODEL: '' })).toEqual(loadConfig({}));
  });

  it.each([
    ['PORT', 'port', ' 0 ', 0],
    ['PORT', 'port', '65535', 65_535],
    ['HOST', 'host', '::1', '::1'],
    ['HOST', 'host', 'localhost', 'localhost'],
    ['DEFAULT_MODEL', 'defaultModel', 'my-model.v2', 'my-model.v2'],
    ['MAX_BODY_BYTES', 'maxBodyBytes', '1024', 1024],
    ['MAX_BODY_BYTES', 'maxBodyBytes', '2147483647', 2_147_483_647],
    ['MAX_RESULT_VALUES', 'maxResultValues', '1', 1],
    ['MAX_MODEL_FILE_BYTES', 'maxModelFileBytes', '1099511627776', 2 ** 40],
    ['MAX_MODEL_BYTES', 'maxModelBytes', '1048576', 1_048_576],
    ['DATABASE_URL', 'databaseUrl', 'postgresql://u:p@db:5432/kriged', 'postgresql://u:p@db:5432/kriged'],
    ['ARTIFACTS', 'artifacts', 'file:///mnt/shared', 'file:///mnt/shared'],
    ['ARTIFACTS', 'artifacts', 's3://my.bucket/a/b', 's3://my.bucket/a/b'],
    ['JOBS_RETENTION_HOURS', 'jobsRetentionHours', '1', 1],
    ['JOBS_RETENTION_FAILED_HOURS', 'jobsRetentionFailedHours', '876000', 876_000],
    ['JOBS_TIME_LIMIT', 'jobsTimeLimit', '604800', 604_800],
    ['JOBS_MAX_ATTEMPTS', 'jobsMaxAttempts', '20', 20],
    ['JOBS_SYNC_LIMIT', 'jobsSyncLimit', '0', 0],
    ['JOBS_MAX_INPUT_BYTES', 'jobsMaxInputBytes', '1024', 1024],
    ['WEBHOOK_HOSTS', 'webhookHosts', 'Hooks.example:9000, [::1]:80', ['hooks.example:9000', '[::1]:80']],
    ['WEBHOOK_SECRET', 'webhookSecret', SECRET, SECRET],
    ['CORS_ORIGINS', 'corsOrigins', '*', ['*']],
    [
      'CORS_ORIGINS',
      'corsOrigins',
      'https://a.example, http://b:3000,',
      ['https://a.example', 'http://b:3000'],
    ],
    ['LOG_LEVEL', 'logLevel', 'silent', 'silent'],
    ['SHUTDOWN_TIMEOUT_MS', 'shutdownTimeoutMs', '0', 0],
  ] as const)('%s: %s is read from %j', (name, key, text, value) => {
    expect(loadConfig({ [name]: text })[key]).toEqual(value);
  });

  it('makes a relative MODELS_DIR or DATA_DIR absolute', () => {
    expect(loadConfig({ DATA_DIR: 'not/there' }).dataDir).toBe(resolve('not/there'));
    expect(loadConfig({ MODELS_DIR: '.' }).modelsDir).toBe(resolve('.'));
    expect(loadConfig({ MODELS_DIR: folder }).modelsDir).toBe(folder);
  });

  it.each([
    ['PORT', ['-1', '65536', '80.5', '0x50', '1e3', 'http', '５００１']],
    ['HOST', ['two words', 'a/b', 'http://a', 'a\nb']],
    ['MODELS_DIR', ['/no/such/folder', `/${'x'.repeat(5000)}`, '/dev/null']],
    ['MAX_BODY_BYTES', ['1023', '2147483648', '128MB', '-5', '1_000_000']],
    ['MAX_RESULT_VALUES', ['0', '100000001', 'all']],
    ['MAX_MODEL_FILE_BYTES', ['1023', '1099511627777', '9999999999999999']],
    ['MAX_MODEL_BYTES', ['1048575', '68719476737']],
    [
      'CORS_ORIGINS',
      ['example.org', 'https://a.example/', 'https://a.example/path', 'null', '*.example.org', 'a,*'],
    ],
    ['ROLE', ['API', 'master']],
    [
      'ARTIFACTS',
      ['/mnt/shared', 'file://host', 'file:///', 's3://', 's3://No', 's3://bucket//a', 'https://a/b'],
    ],
    ['JOBS_RETENTION_HOURS', ['0', '876001', '7d']],
    ['JOBS_RETENTION_FAILED_HOURS', ['0', '876001']],
    ['JOBS_TIME_LIMIT', ['0', '604801', '6h']],
    ['JOBS_MAX_ATTEMPTS', ['0', '21']],
    ['JOBS_CONCURRENCY', ['4', 'train', 'train=-1', 'train=1001', 'train=1,train=2', 'Train=1', 'a=1;b=2']],
    ['JOBS_SYNC_LIMIT', ['-1', '3601']],
    ['JOBS_MAX_INPUT_BYTES', ['1023', '4GB']],
    ['INPUT_DIR', ['/no/such/folder', '/dev/null']],
    ['WEBHOOK_HOSTS', ['https://hooks.example', 'a b', 'a/b']],
    ['LOG_LEVEL', ['INFO', 'verbose', '30']],
    ['SHUTDOWN_TIMEOUT_MS', ['-1', '600001', '30s']],
  ])('%s is refused for each of %j, in one line with what came and what is allowed', (name, values) => {
    const { expected } = Object.values(VARIABLES).find((variable) => variable.name === name)!;
    for (const value of values) {
      const load = (): unknown => loadConfig({ [name]: value });
      expect(load, value).toThrow(ConfigError);
      expect(load, value).toThrow(new ConfigError(name, value, expected));
    }
  });

  it('refuses a file as MODELS_DIR', () => {
    expect(() => loadConfig({ MODELS_DIR: join(folder, 'file') })).toThrow(
      /^MODELS_DIR is .* existing folder/,
    );
    expect(() => loadConfig({ MODELS_DIR: join(folder, 'file', 'below') })).toThrow(ConfigError);
  });

  it.each([
    ['DATABASE_URL', ['mysql://u:hidden@db/kriged', 'postgres://u:hidden@d b/kriged', 'hidden']],
    ['WEBHOOK_SECRET', ['hidden', `whsec_${Buffer.from('hidden').toString('base64')}`, `${SECRET}!`]],
  ])('%s is refused without a word of what came', (name, values) => {
    const { expected } = Object.values(VARIABLES).find((variable) => variable.name === name)!;
    for (const value of values) {
      expect(() => loadConfig({ [name]: value }), value).toThrow(new ConfigError(name, undefined, expected));
    }
  });

  it('lets a process have a role of its own only beside what it shares with the others', () => {
    const database = { DATABASE_URL: 'postgres://db/kriged' };
    for (const ROLE of ['api', 'worker']) {
      expect(() => loadConfig({ ROLE, ARTIFACTS: 's3://bucket' })).toThrow(/^ROLE .*DATABASE_URL/);
      expect(() => loadConfig({ ROLE, ...database })).toThrow(/^ROLE .*ARTIFACTS/);
      expect(loadConfig({ ROLE, ...database, ARTIFACTS: 's3://bucket' }).role).toBe(ROLE);
    }
    expect(loadConfig(database).role).toBe('all');
  });

  it('takes counts with blanks and without', () => {
    const counts = new Map([
      ['train', 1],
      ['predict-part', 0],
    ]);
    expect(loadConfig({ JOBS_CONCURRENCY: ' train=1, predict-part = 0' }).jobsConcurrency).toEqual(counts);
  });

  it('takes a folder as INPUT_DIR', () => {
    expect(loadConfig({ INPUT_DIR: folder }).inputDir).toBe(folder);
  });

  it('keeps the message to one line, whatever came', () => {
    expect(() => loadConfig({ PORT: 'a\nb' })).toThrow(
      'PORT is "a\\nb", expected a whole number from 0 to 65535 (0 takes any free port).',
    );
  });

  it('gives every variable a name of its own and a description', () => {
    const variables = Object.values(VARIABLES);
    expect(new Set(variables.map(({ name }) => name)).size).toBe(variables.length);
    for (const { name, description } of variables) {
      expect(name).toMatch(/^[A-Z][A-Z_]+$/);
      expect(description).toMatch(/\w.*\.$/);
    }
  });
});
