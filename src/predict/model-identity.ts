import type { ReadyEntry } from '../models/model-entry.js';

/** What has to be known of a model to have the same answer again. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  /** Of the model's file, hexadecimal. */
  readonly sha256: string;
  readonly type: string;
}

export function identityOf({ name, version, file, type }: ReadyEntry): ModelIdentity {
  return { name, version, sha256: file.sha256, type };
}

const headers = new WeakMap<ReadyEntry, string>();

/**
 * The header `Kriged-Model`: `example/1; sha256=<hex>`. It is in every answer, so it is made once a version. Names and
 * versions are plain ASCII.
 */
export function modelHeader(entry: ReadyEntry): string {
  let header = headers.get(entry);
  if (header === undefined) {
    header = modelHeaderOf(identityOf(entry));
    headers.set(entry, header);
  }
  return header;
}

export function modelHeaderOf({ name, version, sha256 }: Omit<ModelIdentity, 'type'>): string {
  return `${name}/${version}; sha256=${sha256}`;
}
