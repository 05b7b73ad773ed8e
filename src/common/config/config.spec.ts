import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, VARIABLES } from './config.js';

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
      jobsRetentionHours: 168,
      jobsRetentionFailedHours: 720,
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
