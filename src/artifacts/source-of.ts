import { Readable } from 'node:stream';

/** A stream of what is put. It may fail, or be told to stop, before anybody reads it: whoever reads it hears of that. */
export function sourceOf(content: Readable | Uint8Array): Readable {
  const source = content instanceof Uint8Array ? Readable.from([content]) : content;
  // An error that nobody listens for would end the process.
  return source.on('error', () => undefined);
}
