/** A name cannot begin with a dot: it is never a way out of the store, nor what the store keeps for itself. */
const NAME = /^[\w-][\w.-]{0,199}$/;

/** The names of a key (`jobs/<id>/result.npy`). Throws for what is no key: only a mistake of this program makes one. */
export function namesOfKey(key: string): string[] {
  const names = key.split('/');
  if (!names.every((name) => NAME.test(name)))
    throw new TypeError(`${JSON.stringify(key)} is no artifact key.`);
  return names;
}

/** A prefix of keys: the folders that are named whole, and what the next name begins with. */
export function splitPrefix(prefix: string): { folders: string[]; start: string } {
  const names = prefix.split('/');
  const start = names.pop() ?? '';
  // Without a folder it would mean everything.
  if (names.length === 0) throw new TypeError(`${JSON.stringify(prefix)} is no prefix of artifact keys.`);
  namesOfKey([...names, ...(start === '' ? [] : [start])].join('/'));
  return { folders: names, start };
}
