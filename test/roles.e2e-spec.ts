import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HAS_POSTGRES, Postgres } from './support/postgres.js';
import { ServerProcess } from './support/server-process.js';

describe.skipIf(!HAS_POSTGRES)('a server of a database', () => {
  let postgres: Postgres;
  let server: ServerProcess | undefined;
  beforeAll(async () => {
    postgres = await Postgres.start();
  }, 60_000);
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  afterAll(() => postgres?.stop());

  async function logOf(env: Readonly<Record<string, string>>): Promise<string> {
    server = new ServerProcess({ ...env, DATABASE_URL: await postgres.newDatabase() });
    await server.port();
    await server.stop();
    return (await server.ended).stdout;
  }

  it('warns at its start that its files are its own, unless it is told where they are', async () => {
    expect(await logOf({})).toContain('ARTIFACTS is not');
    expect(await logOf({ ARTIFACTS: `file://${tmpdir()}/kriged-roles` })).not.toContain('ARTIFACTS is not');
  }, 60_000);

  it('names its documentation where it has some', async () => {
    expect(await logOf({})).toContain('/docs');
    expect(await logOf({ ROLE: 'worker', ARTIFACTS: `file://${tmpdir()}/kriged-roles` })).not.toContain(
      '/docs',
    );
  }, 60_000);
});
