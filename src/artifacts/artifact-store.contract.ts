import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactNotFoundError, ArtifactTooLargeError } from './artifact-errors.js';
import type { ArtifactStore } from './artifact-store.js';

const MEDIA_TYPE = 'application/octet-stream';

/** What every artifact store has to satisfy. `openStore`: an empty one, opened; the suite closes it. */
export function describeArtifactStore(name: string, openStore: () => Promise<ArtifactStore>): void {
  describe(`${name} keeps the contract of an artifact store`, () => {
    let store: ArtifactStore;
    beforeAll(async () => {
      store = await openStore();
    });
    afterAll(() => store.close());

    const contentOf = async (key: string): Promise<string> =>
      (await buffer(await store.read(key))).toString();
    const put = (key: string, content: string | Readable, options: object = {}): Promise<unknown> =>
      store.put(key, typeof content === 'string' ? Buffer.from(content) : content, {
        mediaType: MEDIA_TYPE,
        ...options,
      });

    it('gives back what it was given, and says how long it is and its digest', async () => {
      const bytes = randomBytes(300_000);
      const parts = [bytes.subarray(0, 5), bytes.subarray(5, 200_000), bytes.subarray(200_000)];
      const reference = await store.put('jobs/a/stream.bin', Readable.from(parts), { mediaType: MEDIA_TYPE });
      expect(reference).toEqual({
        key: 'jobs/a/stream.bin',
        bytes: 300_000,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        mediaType: MEDIA_TYPE,
      });
      expect((await buffer(await store.read('jobs/a/stream.bin'))).equals(bytes)).toBe(true);
    });

    it('takes bytes, also none', async () => {
      await put('jobs/a/bytes', 'some bytes');
      expect(await contentOf('jobs/a/bytes')).toBe('some bytes');
      expect(await put('jobs/a/empty', '')).toMatchObject({ bytes: 0 });
      expect(await contentOf('jobs/a/empty')).toBe('');
      expect(await put('jobs/a/empty-stream', Readable.from([]))).toMatchObject({ bytes: 0 });
      expect(await contentOf('jobs/a/empty-stream')).toBe('');
    });

    it('replaces what had the key', async () => {
      await put('jobs/a/again', 'the first, longer');
      await put('jobs/a/again', 'the second');
      expect(await contentOf('jobs/a/again')).toBe('the second');
    });

    it.each([
      [{ start: 2 }, '23456789'],
      [{ end: 3 }, '012'],
      [{ start: 4, end: 6 }, '45'],
      [{ start: 8, end: 100 }, '89'],
      [{ start: 5, end: 5 }, ''],
    ])('reads the range %j', async (range, expected) => {
      await put('jobs/a/digits', '0123456789');
      expect((await buffer(await store.read('jobs/a/digits', range))).toString()).toBe(expected);
    });

    it('says before the first byte that there is nothing', async () => {
      await expect(store.read('jobs/a/nothing')).rejects.toThrow(ArtifactNotFoundError);
      await expect(store.read('jobs/nothing/at/all', { start: 3 })).rejects.toThrow(ArtifactNotFoundError);
      await expect(store.read('jobs/a')).rejects.toThrow(ArtifactNotFoundError);
    });

    it('takes as many bytes as the limit, and not one more', async () => {
      await put('jobs/a/limited', Readable.from([Buffer.from('123'), Buffer.from('45')]), { limit: 5 });
      const more = Readable.from([Buffer.from('abc'), Buffer.from('def')]);
      await expect(put('jobs/a/limited', more, { limit: 5 })).rejects.toThrow(ArtifactTooLargeError);
      expect(await contentOf('jobs/a/limited')).toBe('12345');
      await expect(put('jobs/a/too-large', 'abcdef', { limit: 5 })).rejects.toThrow(ArtifactTooLargeError);
      await expect(store.read('jobs/a/too-large')).rejects.toThrow(ArtifactNotFoundError);
    });

    it('leaves nothing of a stream that fails', async () => {
      const failing = Readable.from(
        (async function* () {
          yield Buffer.from('some');
          await sleep(1);
          throw new Error('the stream broke');
        })(),
      );
      await expect(put('jobs/a/broken', failing)).rejects.toThrow('the stream broke');
      await expect(store.read('jobs/a/broken')).rejects.toThrow(ArtifactNotFoundError);
    });

    it("stops with the signal's reason", async () => {
      const controller = new AbortController();
      const endless = Readable.from(
        (async function* () {
          for (;;) {
            yield Buffer.from('more');
            await sleep(1);
          }
        })(),
      );
      const writing = put('jobs/a/stopped', endless, { signal: controller.signal });
      setTimeout(() => controller.abort(new Error('enough')), 20);
      await expect(writing).rejects.toThrow('enough');
      await expect(store.read('jobs/a/stopped')).rejects.toThrow(ArtifactNotFoundError);
      await expect(put('jobs/a/stopped', 'x', { signal: controller.signal })).rejects.toThrow('enough');
    });

    it.each(['bytes', 'a stream'])('stops before it has begun to read %s', async (what) => {
      const controller = new AbortController();
      const content = (): string | Readable => (what === 'bytes' ? 'x' : Readable.from([Buffer.from('x')]));
      const writing = put('jobs/a/unread', content(), { signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(writing).rejects.toThrow('enough');
      await expect(store.read('jobs/a/unread')).rejects.toThrow(ArtifactNotFoundError);
    });

    it('stops before it has begun to wait for a stream that does not end', async () => {
      const [before, after] = [new Readable({ read() {} }), new Readable({ read() {} })];
      await expect(put('jobs/a/unread', before, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough'); // prettier-ignore
      const controller = new AbortController();
      const writing = put('jobs/a/unread', after, { signal: controller.signal });
      controller.abort(new Error('enough'));
      await expect(writing).rejects.toThrow('enough');
      expect([before.destroyed, after.destroyed]).toEqual([true, true]);
    });

    it('leaves nothing of a stream that fails before it is read', async () => {
      const failing = Readable.from([Buffer.from('x')]);
      const writing = put('jobs/a/unread', failing);
      failing.destroy(new Error('the stream broke'));
      await expect(writing).rejects.toThrow('the stream broke');
      await expect(store.read('jobs/a/unread')).rejects.toThrow(ArtifactNotFoundError);
    });

    it('removes what begins with a prefix, and nothing else', async () => {
      const keys = [
        'jobs/r1/a',
        'jobs/r1/b/c',
        'jobs/r10/a',
        'jobs/r2/part-1',
        'jobs/r2/part-2',
        'jobs/r2/x',
        'jobs/r2/no-part-3',
      ];
      for (const key of keys) await put(key, key);
      await store.remove('jobs/r1/');
      await store.remove('jobs/r2/part-');
      await store.remove('jobs/never/');
      await store.remove('jobs/never/x');
      const left = await Promise.allSettled(keys.map((key) => contentOf(key)));
      expect(left.map(({ status }) => status)).toEqual([
        'rejected',
        'rejected',
        'fulfilled',
        'rejected',
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
    });

    it.each([
      '',
      '/',
      '/etc/passwd',
      '../up',
      'jobs/../../up',
      'jobs//x',
      'jobs/.hidden',
      'jobs/x/',
      'a\\b',
      'a\0b',
    ])('refuses the key %j', async (key) => {
      await expect(put(key, 'x')).rejects.toThrow(TypeError);
      await expect(store.read(key)).rejects.toThrow(TypeError);
    });

    it.each(['', '/', 'jobs', '../', 'jobs/../', 'jobs/../x', './'])(
      'refuses the prefix %j',
      async (prefix) => {
        await expect(store.remove(prefix)).rejects.toThrow(TypeError);
      },
    );
  });
}
