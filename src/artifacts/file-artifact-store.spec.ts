import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryName } from '../common/files/temporary-name.js';
import { describeArtifactStore } from './artifact-store.contract.js';
import { FileArtifactStore } from './file-artifact-store.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kriged-artifacts-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describeArtifactStore('FileArtifactStore', async () => {
  const store = new FileArtifactStore(join(root, 'contract'));
  await store.open();
  return store;
});

describe('FileArtifactStore', () => {
  it('removes what dead processes had begun to write, and nothing else, when it opens', async () => {
    const writing = join(root, 'leftovers/.writing');
    mkdirSync(writing, { recursive: true });
    const mine = temporaryName();
    const living = mine.replace(`.${process.pid}.`, '.1.');
    // Larger than any process id.
    const dead = mine.replace(`.${process.pid}.`, '.4999999.');
    for (const name of [dead, living]) writeFileSync(join(writing, name), 'half');
    const store = new FileArtifactStore(join(root, 'leftovers'));
    await store.put('jobs/a/kept', Buffer.from('x'), { mediaType: 'text/plain' });
    await store.open();
    expect(readdirSync(writing)).toEqual([living]);
    await store.read('jobs/a/kept').then((stream) => stream.destroy());
  });

  it('leaves what another machine writes, for a day', async () => {
    const writing = join(root, 'shared/.writing');
    mkdirSync(writing, { recursive: true });
    const [writes, forgot] = [randomUUID(), randomUUID()].map((id) => `another-machine.4999999.${id}`);
    for (const name of [writes, forgot]) writeFileSync(join(writing, name), 'half');
    const [lately, longAgo] = [23, 25].map((hours) => new Date(Date.now() - hours * 3_600_000));
    utimesSync(join(writing, writes), lately, lately);
    utimesSync(join(writing, forgot), longAgo, longAgo);
    await new FileArtifactStore(join(root, 'shared')).open();
    expect(readdirSync(writing)).toEqual([writes]);
  });

  it('leaves no file behind of a write that failed', async () => {
    const store = new FileArtifactStore(join(root, 'failed'));
    await store.open();
    const broken = new Readable({ read: () => broken.destroy(new Error('broke')) });
    await expect(store.put('jobs/a/x', broken, { mediaType: 'text/plain' })).rejects.toThrow('broke');
    await expect(
      store.put('jobs/a/x', Buffer.from('abc'), { mediaType: 'text/plain', limit: 2 }),
    ).rejects.toThrow('larger');
    expect(readdirSync(join(root, 'failed/.writing'))).toEqual([]);
    expect(readdirSync(join(root, 'failed'))).toEqual(['.writing']);
  });
});
