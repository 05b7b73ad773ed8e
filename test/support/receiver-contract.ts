import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from '../../src/artifacts/artifact-store.js';
import { arriving, hungUp } from './hung-up.js';

const HEADERS = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '1000' };
const FILE = '--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\nx1,y\r\n1,2\r\n';

type Receive = (request: Request, response: Response) => Promise<unknown>;

/** Of what receives the file of a form into the artifact store, and whose caller removes what is there when it throws. */
export function describeFormReceiver(name: string, receiverOf: (artifacts: ArtifactStore) => Receive): void {
  describe(`${name}, when the client of a form hangs up`, () => {
    it('does not wait for what does not come', async () => {
      const receive = receiverOf({ put: (_key: string, content: Readable) => buffer(content) } as never);
      const before = await hungUp(HEADERS, FILE);
      await expect(receive(before.request as Request, before.response as Response)).rejects.toBeInstanceOf(
        Error,
      );
      const { request, response, hangUp } = await arriving(HEADERS, FILE);
      const failed = receive(request as Request, response as Response).catch((error: unknown) => error);
      await hangUp();
      expect(await failed).toBeInstanceOf(Error);
    });

    it('fails once nothing is stored any more', async () => {
      const read = Promise.withResolvers<void>();
      const stored = Promise.withResolvers<void>();
      const put = async (key: string, content: Readable): Promise<object> => {
        await buffer(content);
        read.resolve();
        await stored.promise;
        return { key, bytes: 1, sha256: '', mediaType: '' };
      };
      const receive = receiverOf({ put } as never);
      const { request, response, hangUp } = await arriving(HEADERS, `${FILE}--b\r\n`);
      const failed = receive(request as Request, response as Response).catch((error: unknown) => error);
      await read.promise;
      await hangUp();
      await turn();
      expect(await Promise.race([failed, Promise.resolve('storing')])).toBe('storing');
      stored.resolve();
      expect(await failed).toBeInstanceOf(Error);
    });
  });
}
