import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findModels } from './model-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kriged-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
}

async function found(): Promise<string[]> {
  const { versions } = await findModels(folder);
  return versions.map(({ name, version, paths, manifest }) =>
    [name, version, ...paths, ...(manifest === undefined ? [] : [`+ ${manifest}`])]
      .map((part) => part.replace(`${folder}/`, ''))
      .join(' '),
  );
}

describe('findModels', () => {
  it('finds nothing in an empty folder', async () => {
    expect(await findModels(folder)).toEqual({ versions: [], aliased: [], ignored: [] });
  });

  it('takes a file for version 1 of the model it is named after', async () => {
    write('b.pkl', 'a.json', 'c.json.gz', 'd.PICKLE', 'e', 'my.model-2_x.pkl', 'z.pkl.gz');
    expect(await found()).toEqual([
      'a 1 a.json',
      'b 1 b.pkl',
      'c 1 c.json.gz',
      'd 1 d.PICKLE',
      'e 1 e',
      'my.model-2_x 1 my.model-2_x.pkl',
      'z 1 z.pkl.gz',
    ]);
  });

  it('takes <name>/<version>/model.<ext> for a version', async () => {
    write(
      'm/1/model.pkl',
      'm/v2.0/model.json.gz',
      'm/1/other.pkl',
      'm/model.pkl',
      'm/1/deep/model.pkl',
      'n/x/model',
    );
    expect(await found()).toEqual(['m 1 m/1/model.pkl', 'm v2.0 m/v2.0/model.json.gz', 'n x n/x/model']);
  });

  it('lists several files of one version, and the manifest beside a model', async () => {
    write(
      'a.pkl',
      'a.json',
      'a.model.json',
      'b.yaml',
      'm/1/model.pkl',
      'm/1/model.json',
      'm/2/model.json',
      'm/3/model.json.json',
      'm/3/model.json',
      'm/aliases.json',
      'alone.model.json',
    );
    expect(await found()).toEqual([
      'a 1 a.json a.pkl + a.model.json',
      'b 1 b.yaml',
      'm 1 m/1/model.pkl + m/1/model.json',
      'm 2 m/2/model.json',
      'm 3 m/3/model.json.json + m/3/model.json',
    ]);
    expect(await findModels(folder)).toMatchObject({ aliased: ['m'] });
  });

  it('takes the folder where a file claims the same version', async () => {
    write('m.pkl', 'm/1/model.pkl', 'n.pkl', 'n/2/model.pkl');
    expect(await found()).toEqual(['m 1 m/1/model.pkl', 'n 1 n.pkl', 'n 2 n/2/model.pkl']);
    expect((await findModels(folder)).ignored).toEqual([
      { name: 'm.pkl', reason: expect.stringContaining('folder of its own') },
    ]);
  });

  it('passes over what people keep beside their models, and what is hidden', async () => {
    write(
      'a.pkl',
      'a.py',
      'README.md',
      'b.TXT',
      'data.csv',
      'run.ipynb',
      '.hidden.pkl',
      '.git/1/model.pkl',
      'm/1/model.MD',
      'm/.1/model.pkl',
    );
    expect(await findModels(folder)).toMatchObject({ versions: [{ name: 'a' }], ignored: [] });
  });

  it('tells of names that cannot stand in an address', async () => {
    write(
      'bad name.pkl',
      'übel.pkl',
      '-dash.pkl',
      `${'x'.repeat(129)}.pkl`,
      'a b/1/model.pkl',
      'ok.pkl',
      'ok2/bad version/model.pkl',
    );
    const { versions, ignored } = await findModels(folder);
    expect(versions.map(({ name }) => name)).toEqual(['ok']);
    expect(ignored.map(({ name }) => name).sort()).toEqual([
      '-dash.pkl',
      'a b',
      'bad name.pkl',
      `${'x'.repeat(129)}.pkl`,
      'übel.pkl',
    ]);
    expect(ignored[0].reason).toContain('letters, digits');
  });

  it('follows links, and passes over those that lead nowhere', async () => {
    write('real.pkl');
    symlinkSync(join(folder, 'real.pkl'), join(folder, 'linked.pkl'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'broken.pkl'));
    symlinkSync(folder, join(folder, 'loop'));
    expect(await found()).toEqual(['linked 1 linked.pkl', 'real 1 real.pkl']);
  });

  // Root may read everything.
  it.skipIf(process.getuid?.() === 0)(
    'tells of a folder that it may not read, and lists the rest',
    async () => {
      write('ok.pkl', 'locked/1/model.pkl');
      chmodSync(join(folder, 'locked'), 0);
      const { versions, ignored } = await findModels(folder);
      chmodSync(join(folder, 'locked'), 0o700);
      expect(versions.map(({ name }) => name)).toEqual(['ok']);
      expect(ignored).toEqual([
        { name: 'locked', reason: 'the folder cannot be read (EACCES)', unreadable: true },
      ]);
    },
  );
});
