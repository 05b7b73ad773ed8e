import type { Readable } from 'node:stream';

/** A file in the artifact store. */
export interface ArtifactReference {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly mediaType: string;
}

/**
 * Files that jobs read and make: on a folder, or in an S3-compatible store, for every process alike. A key is a path of
 * names with slashes: `jobs/<id>/result.npy`. Every store runs `describeArtifactStore` of `artifact-store.contract.ts`.
 */
export abstract class ArtifactStore {
  /** Makes it ready, and removes what dead processes had begun to write. Throws ConfigError where it cannot be used. */
  abstract open(): Promise<void>;

  /**
   * Takes in a stream. It is there whole, and on disk, when this resolves, or not at all; what had the key before is
   * replaced. `limit`: throws ArtifactTooLargeError for more bytes. Stops with the signal's reason.
   */
  abstract put(
    key: string,
    content: Readable | Uint8Array,
    options: { readonly mediaType: string; readonly limit?: number; readonly signal?: AbortSignal },
  ): Promise<ArtifactReference>;

  /** From byte `start` (0) to before `end` (its length). Throws ArtifactNotFoundError before the first byte. */
  abstract read(key: string, range?: { readonly start?: number; readonly end?: number }): Promise<Readable>;

  /** Of everything whose key begins with the prefix. */
  abstract remove(prefix: string): Promise<void>;

  abstract close(): Promise<void>;
}
