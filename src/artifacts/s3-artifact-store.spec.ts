import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactNotFoundError, ArtifactsUnavailableError } from './artifact-errors.js';
import { describeArtifactStore } from './artifact-store.contract.js';
import { S3ArtifactStore } from './s3-artifact-store.js';

const MEDIA_TYPE = 'application/octet-stream';
const MiB = 2 ** 20;

/** `.ci/postgres` starts a server that speaks the protocol; any other will do, such as a real one. */
const HAS_S3 = process.env['AWS_ENDPOINT_URL_S3'] !== undefined;
if (!HAS_S3)
  process.emitWarning('No S3-compatible server here (AWS_ENDPOINT_URL_S3): its tests are skipped.');

const bucket = `kriged-${randomBytes(6).toString('hex')}`;

describe.skipIf(!HAS_S3)('on an S3-compatible server', () => {
  let client: S3Client;
  const opened: S3ArtifactStore[] = [];
  const open = async (place: string): Promise<S3ArtifactStore> => {
    const store = new S3ArtifactStore(new URL(place));
    await store.open();
    opened.push(store);
    return store;
  };
  beforeAll(async () => {
    client = new S3Client({ forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  });
  afterAll(async () => {
    for (const store of opened) await store.close();
    client.destroy();
  });

  describeArtifactStore('S3ArtifactStore', () => open(`s3://${bucket}/contract`));

  it('streams what is large in parts, and gives back each byte', async () => {
    const store = await open(`s3://${bucket}`);
    const bytes = randomBytes(19 * MiB);
    const pieces = Array.from({ length: 19 }, (_, i) => bytes.subarray(i * MiB, (i + 1) * MiB));
    const { bytes: length } = await store.put('jobs/a/large', Readable.from(pieces), {
      mediaType: MEDIA_TYPE,
    });
    expect(length).toBe(bytes.length);
    expect((await buffer(await store.read('jobs/a/large'))).equals(bytes)).toBe(true);
    const range = { start: 8 * MiB - 3, end: 8 * MiB + 4 };
    expect(
      (await buffer(await store.read('jobs/a/large', range))).equals(bytes.subarray(range.start, range.end)),
    ).toBe(true);
  });

  it('leaves neither an object nor parts of a large stream that fails', async () => {
    const store = await open(`s3://${bucket}/`);
    const failing = Readable.from(
      (async function* () {
        for (let i = 0; i < 10; i++) yield Buffer.alloc(MiB);
        throw new Error('the stream broke');
      })(),
    );
    await expect(store.put('jobs/a/broken', failing, { mediaType: MEDIA_TYPE })).rejects.toThrow(
      'the stream broke',
    );
    await expect(store.read('jobs/a/broken')).rejects.toThrow(ArtifactNotFoundError);
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads).toEqual([]);
  });

  it('keeps prefixes apart', async () => {
    const [one, other] = [await open(`s3://${bucket}/one`), await open(`s3://${bucket}/one-more`)];
    await other.put('jobs/b/x', Buffer.from('x'), { mediaType: MEDIA_TYPE });
    await expect(one.read('jobs/b/x')).rejects.toThrow(ArtifactNotFoundError);
    await one.remove('jobs/b/');
    await (await other.read('jobs/b/x')).toArray();
  });

  it('ends the start for a bucket that is not there', async () => {
    await expect(open(`s3://${bucket}-not`)).rejects.toThrow(
      /^ARTIFACTS is "s3:.*expected a bucket that can be/,
    );
  });
});

it('says that a store is not reached', async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_MAX_ATTEMPTS: '1',
  });
  try {
    const store = new S3ArtifactStore(new URL('s3://bucket'));
    await expect(store.read('jobs/a/x')).rejects.toThrow(ArtifactsUnavailableError);
    await expect(store.open()).rejects.toThrow(/^ARTIFACTS/);
    await store.close();
  } finally {
    process.env = before;
  }
});
