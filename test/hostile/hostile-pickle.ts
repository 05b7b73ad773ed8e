import type { ByteSource } from '../../src/models/gpr/importers/pickle/byte-source.js';

/** A pickle that must not get anywhere. */
export interface HostilePickle {
  readonly name: string;
  /** Made when needed: some are large. */
  readonly content: () => Buffer | ByteSource;
  /** Matches "code: message" of the error; `harmless` where it parses, as data. */
  readonly expect: RegExp | 'harmless';
}
