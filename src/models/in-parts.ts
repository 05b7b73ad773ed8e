/**
 * Works on rows [0, rows) in parts of `size`, at most `atOnce` of them at a time, so that requests that come later
 * get their turn. Between parts it stops with the signal's reason, or what a part has failed with.
 */
export async function workInParts(
  { rows, size, atOnce }: { readonly rows: number; readonly size: number; readonly atOnce: number },
  work: (start: number, end: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  const takeTurns = async (): Promise<void> => {
    while (next < rows) {
      signal?.throwIfAborted();
      const start = next;
      next = Math.min(start + size, rows);
      await work(start, next);
    }
  };
  const giveUp = (error: unknown): never => {
    next = rows;
    throw error;
  };
  await Promise.all(Array.from({ length: atOnce }, () => takeTurns().catch(giveUp)));
  signal?.throwIfAborted();
}
