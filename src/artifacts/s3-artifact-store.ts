import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { ConfigError } from '../common/config/config.js';
import {
  ArtifactNotFoundError,
  ArtifactsUnavailableError,
  ArtifactTooLargeError,
} from './artifact-errors.js';
import { namesOfKey, splitPrefix } from './artifact-key.js';
import { type ArtifactReference, ArtifactStore } from './artifact-store.js';
import { sourceOf } from './source-of.js';

type Sdk = typeof import('@aws-sdk/client-s3');

/** S3 takes parts from 5 MiB on, and at most 10,000 of them: objects of up to 80 GB. */
const PART_BYTES = 8 * 2 ** 20;
const NOT_THERE = new Set(['NoSuchKey', 'NotFound']);

interface PutOptions {
  readonly mediaType: string;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/**
 * Artifacts as the objects of a bucket of S3, or of a store that speaks its protocol. Where it is, and who asks, comes
 * from the SDK's own variables (AWS_REGION, AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID and so on). What is put streams
 * through: one part of it is in memory at a time.
 */
export class S3ArtifactStore extends ArtifactStore {
  readonly #bucket: string;
  readonly #prefix: string;
  #loaded: Promise<{ sdk: Sdk; client: S3Client }> | undefined;

  /** `s3://bucket/prefix` */
  constructor(private readonly url: URL) {
    super();
    this.#bucket = url.hostname;
    this.#prefix = url.pathname.replace(/^\/|\/$/g, '');
  }

  async open(): Promise<void> {
    const { sdk, client } = await this.#load();
    try {
      await client.send(new sdk.HeadBucketCommand({ Bucket: this.#bucket }));
    } catch (error) {
      const { name, $metadata: answer } = error as { name: string; $metadata?: { httpStatusCode?: number } };
      const reason =
        answer?.httpStatusCode === undefined ? name : `${name}, HTTP status ${answer.httpStatusCode}`;
      throw new ConfigError('ARTIFACTS', this.url.href, `a bucket that can be reached and used (${reason})`);
    }
  }

  async put(key: string, content: Readable | Uint8Array, options: PutOptions): Promise<ArtifactReference> {
    const target = this.#object(key);
    const { mediaType, signal } = options;
    const source = sourceOf(content);
    const stop = (): void => void source.destroy(signal?.reason as Error);
    signal?.addEventListener('abort', stop, { once: true });
    let upload: Upload | undefined;
    try {
      signal?.throwIfAborted();
      upload = new Upload(await this.#load(), target, options);
      for await (const piece of source as AsyncIterable<Uint8Array | string>) {
        await upload.write(typeof piece === 'string' ? Buffer.from(piece) : piece);
      }
      return { key, ...(await upload.complete()), mediaType };
    } catch (error) {
      source.destroy();
      await upload?.abort();
      // Streams tell some of their ends in words of their own.
      signal?.throwIfAborted();
      throw asUnavailable(error);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async read(key: string, range: { readonly start?: number; readonly end?: number } = {}): Promise<Readable> {
    const { start = 0, end = Infinity } = range;
    const target = this.#object(key);
    const { sdk, client } = await this.#load();
    try {
      if (start === 0 && end === Infinity) {
        const whole = new sdk.GetObjectCommand({ ...target, ChecksumMode: 'ENABLED' });
        return (await client.send(whole)).Body as Readable;
      }
      // A range that is empty cannot be asked for.
      const { ContentLength: length = 0 } = await client.send(new sdk.HeadObjectCommand(target));
      const last = Math.min(end, length) - 1;
      if (last < start) return Readable.from([]);
      return (await client.send(new sdk.GetObjectCommand({ ...target, Range: `bytes=${start}-${last}` })))
        .Body as Readable;
    } catch (error) {
      if (NOT_THERE.has((error as Error).name)) throw new ArtifactNotFoundError(key);
      throw asUnavailable(error);
    }
  }

  async remove(prefix: string): Promise<void> {
    splitPrefix(prefix);
    const Bucket = this.#bucket;
    const Prefix = this.#path(prefix);
    const { sdk, client } = await this.#load();
    try {
      for (;;) {
        // What is listed is removed, so that the first page is the next.
        const page = await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix }));
        const Objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
        if (Objects.length === 0) return;
        const { Errors = [] } = await client.send(
          new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        );
        if (Errors.length > 0) throw new Error(`${Errors[0].Code}: ${Errors[0].Message}`);
      }
    } catch (error) {
      throw new ArtifactsUnavailableError(error);
    }
  }

  async close(): Promise<void> {
    (await this.#loaded)?.client.destroy();
  }

  #object(key: string): Target {
    namesOfKey(key);
    return { Bucket: this.#bucket, Key: this.#path(key) };
  }

  #path(key: string): string {
    return this.#prefix === '' ? key : `${this.#prefix}/${key}`;
  }

  /** Not before it is needed: the SDK takes memory. */
  #load(): Promise<{ sdk: Sdk; client: S3Client }> {
    this.#loaded ??= import('@aws-sdk/client-s3').then((sdk) => {
      const endpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
      // Other stores seldom have a host name for each bucket.
      const client = new sdk.S3Client({
        forcePathStyle: endpoint !== undefined,
        // Some stores send the checksum of the object with a range of it: asked for where all of it is read.
        responseChecksumValidation: 'WHEN_REQUIRED',
      });
      return { sdk, client };
    });
    return this.#loaded;
  }
}

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

/** One object on its way: in one piece where it is small, else in parts, which become an object together. */
class Upload {
  readonly #hash = createHash('sha256');
  readonly #parts: CompletedPart[] = [];
  #pieces: Uint8Array[] = [];
  #pending = 0;
  #bytes = 0;
  #id: string | undefined;

  constructor(
    private readonly s3: { sdk: Sdk; client: S3Client },
    private readonly target: Target,
    private readonly options: PutOptions,
  ) {}

  async write(piece: Uint8Array): Promise<void> {
    const { limit = Infinity } = this.options;
    this.#bytes += piece.length;
    if (this.#bytes > limit) throw new ArtifactTooLargeError(limit);
    this.#hash.update(piece);
    for (let rest = piece; rest.length > 0;) {
      const taken = rest.subarray(0, PART_BYTES - this.#pending);
      this.#pieces.push(taken);
      this.#pending += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#pending === PART_BYTES) await this.#sendPart();
    }
  }

  async complete(): Promise<{ bytes: number; sha256: string }> {
    const { sdk, client } = this.s3;
    const { mediaType, signal } = this.options;
    signal?.throwIfAborted();
    if (this.#id === undefined) {
      const object = { ...this.target, Body: this.#take(), ContentType: mediaType };
      await client.send(new sdk.PutObjectCommand(object), this.#stopping());
    } else {
      if (this.#pending > 0) await this.#sendPart();
      const parts = { UploadId: this.#id, MultipartUpload: { Parts: this.#parts } };
      await client.send(
        new sdk.CompleteMultipartUploadCommand({ ...this.target, ...parts }),
        this.#stopping(),
      );
    }
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Its parts take room as long as nobody says that they are in vain. */
  async abort(): Promise<void> {
    if (this.#id === undefined) return;
    const { sdk, client } = this.s3;
    const upload = { ...this.target, UploadId: this.#id };
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
  }

  async #sendPart(): Promise<void> {
    const { sdk, client } = this.s3;
    this.#id ??= (
      await client.send(
        new sdk.CreateMultipartUploadCommand({ ...this.target, ContentType: this.options.mediaType }),
        this.#stopping(),
      )
    ).UploadId;
    const PartNumber = this.#parts.length + 1;
    const part = { ...this.target, UploadId: this.#id, PartNumber, Body: this.#take() };
    const { ETag } = await client.send(new sdk.UploadPartCommand(part), this.#stopping());
    this.#parts.push({ ETag, PartNumber });
  }

  #take(): Uint8Array {
    const body = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#pending = 0;
    return body;
  }

  #stopping(): { abortSignal?: AbortSignal } {
    const { signal } = this.options;
    return signal === undefined ? {} : { abortSignal: signal };
  }
}

/** What the store or the way to it says; what the source of a stream says is its own. */
function asUnavailable(error: unknown): unknown {
  const isOfStore = (error as { $metadata?: unknown }).$metadata !== undefined;
  const isOfNetwork = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );
  return isOfStore || isOfNetwork ? new ArtifactsUnavailableError(error) : error;
}
