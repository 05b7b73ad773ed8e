import { BufferSource, type ByteSource } from '../../src/models/gpr/importers/pickle/byte-source.js';
import { exploitPickles } from './exploit-pickles.js';
import { exhaustingPickles } from './exhausting-pickles.js';
import type { HostilePickle } from './hostile-pickle.js';
import { malformedPickles } from './malformed-pickles.js';

export const HOSTILE_PICKLES: readonly HostilePickle[] = [
  ...exploitPickles(),
  ...malformedPickles(),
  ...exhaustingPickles(),
];

export function sourceOf({ content }: HostilePickle): ByteSource {
  const made = content();
  return Buffer.isBuffer(made) ? new BufferSource(made) : made;
}
