import type { Database } from './database.js';

/** Any number that nobody else locks: processes that start at the same time take turns. */
const LOCK = 7_294_318_201;

/** The database was set up by a later release. */
export class SchemaTooNewError extends Error {
  constructor(found: number, known: number) {
    super(
      `The database is at schema version ${found}, but this release of Kriged knows ${known}: it takes a later release.`,
    );
  }
}

/**
 * Brings the schema `kriged` up to date: runs those of the migrations that have not been run, each once, whatever number
 * of processes start at the same time; all of them or none. Migrations are only ever added at the end of the list.
 */
export async function migrate(database: Database, migrations: readonly string[]): Promise<void> {
  if ((await versionOf(database)) === migrations.length) return;
  await database.transaction(async (session) => {
    await session.query(statement('SELECT pg_advisory_xact_lock($1)'), [LOCK]);
    await session.query(statement('CREATE SCHEMA IF NOT EXISTS kriged'));
    await session.query(
      statement(
        'CREATE TABLE IF NOT EXISTS kriged.migration (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())',
      ),
    );
    const [{ version }] = (await session.query(VERSION)) as [{ version: number }];
    if (version > migrations.length) throw new SchemaTooNewError(version, migrations.length);
    for (const [index, text] of migrations.entries()) {
      if (index < version) continue;
      for (const command of text.split(/;\s*\n/).filter((part) => part.trim() !== '')) {
        await session.query(statement(command));
      }
      await session.query(statement('INSERT INTO kriged.migration (version) VALUES ($1)'), [index + 1]);
    }
  });
}

const VERSION = {
  name: 'schema-version',
  text: 'SELECT coalesce(max(version), 0) AS version FROM kriged.migration',
};

/** 0 where nothing is there. A process that finds it up to date needs no right to change it. */
async function versionOf(database: Database): Promise<number> {
  const [found] = await database.query(
    statement("SELECT to_regclass('kriged.migration') IS NOT NULL AS there"),
  );
  if (found['there'] !== true) return 0;
  return (await database.query(VERSION))[0]['version'] as number;
}

/** Without a name it is not kept. */
function statement(text: string): { name: string; text: string } {
  return { name: '', text };
}
