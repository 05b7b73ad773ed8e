/**
 * Works on rows [0, rows) in parts of `size`, at most `atOnce` of them at a time, so that requests that come later
 * get their turn. Between parts it stops with the signal's reason. After a part that fails none begins: what that one
 * throws is thrown once those under way have ended.
 */
export async function workInParts(
  { rows, size, atOnce }: { readonly rows: number; readonly size: number; readonly atOnce: number },
  work: (start: number, end: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  let next = 0;
  const takeTurns = async (): Promise<void> => {
    while (next < rows && !failed.signal.aborted) {
      const start = next;
      const end = Math.min(start + size, rows);
      next = end;
      try {
        signal?.throwIfAborted();
        await work(start, end);
      } catch (error) {
        failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeTurns));
  failed.signal.throwIfAborted();
  signal?.throwIfAborted();
}
