import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import supertest from 'supertest';
import { afterAll, beforeAll } from 'vitest';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/common/config/config.js';
import { WORKER_ENTRY } from './worker-entry.js';

export const ROOT = join(import.meta.dirname, '../..');

/** Files of a models folder: where each goes, and its content or the file it is copied from. */
export type ModelFiles = Readonly<Record<string, { copyOf: string } | string | Buffer>>;

/** A golden file, for `ModelFiles`. */
export function golden(file: string): { copyOf: string } {
  return { copyOf: join(ROOT, 'test/golden', file) };
}

/** The model that the project ships, for `ModelFiles`. */
export const EXAMPLE = { copyOf: join(ROOT, 'models/example.pkl') };

export interface TestApp {
  readonly port: number;
  /** Its models folder. */
  readonly folder: string;
  request(): ReturnType<typeof supertest>;
  /** What Nest made of a class. */
  get<T>(type: new (...args: never[]) => T): T;
}

/** The real application with these models, on a free port of the loopback, for all tests of the calling `describe`. */
export function useApp(files: ModelFiles, env: Readonly<Record<string, string>> = {}): TestApp {
  let folder: string;
  let stop: () => Promise<void>;
  let server: Server;
  let app: NestExpressApplication;
  beforeAll(async () => {
    folder = makeModelsFolder(files);
    const data = mkdtempSync(join(tmpdir(), 'kriged-data-'));
    const settings = {
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'silent',
      MODELS_DIR: folder,
      DATA_DIR: data,
    };
    app = await createApp(loadConfig({ ...settings, ...env }), WORKER_ENTRY);
    server = await app.listen(0, '127.0.0.1');
    stop = async () => {
      server.closeAllConnections();
      await app.close();
      rmSync(folder, { recursive: true });
      rmSync(data, { recursive: true });
    };
  });
  afterAll(() => stop());
  return {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    get folder() {
      return folder;
    },
    request: () => supertest(server),
    get: (type) => app.get(type),
  };
}

/** A new temporary folder with these files; whoever asks removes it. */
function makeModelsFolder(files: ModelFiles): string {
  const folder = mkdtempSync(join(tmpdir(), 'kriged-'));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'object' && 'copyOf' in content) cpSync(content.copyOf, path);
    else writeFileSync(path, content);
  }
  return folder;
}
