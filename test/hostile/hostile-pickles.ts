import { BufferSource, type ByteSource } from '../../src/models/gpr/importers/pickle/byte-source.js';
import { exploitPickles } from './exploit-pickles.js';
import { exhaustingPickles } from './exhausting-pickles.js';
import { malformedPickles } from './malformed-pickles.js';

/** A pickle that must not get anywhere. */
export interface HostilePickle {
  readonly name: string;
  /** Made when needed: some are large. */
  readonly content: () => Buffer | ByteSource;
  /** Matches "code: message" of the error; `harmless` where it parses, as data. */
  readonly expect: RegExp | 'harmless';
}

export const HOSTILE_PICKLES: readonly HostilePickle[] = [
  ...exploitPickles(),
  ...malformedPickles(),
  ...exhaustingPickles(),
];

export function sourceOf({ content }: HostilePickle): ByteSource {
  const made = content();
  return Buffer.isBuffer(made) ? new BufferSource(made) : made;
}
