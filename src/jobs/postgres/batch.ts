import { setImmediate as nextTurn } from 'node:timers/promises';

/** Many callers may wait for one statement, and no statement grows without bound. */
const MAX_ITEMS = 200;

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts what is asked for in one turn of the event loop, or while the statement before is under way, into one statement,
 * and so one flush of the database's disk. `run` answers each item, in order.
 */
export class Batch<Item, Answer> {
  readonly #waiting: Waiting<Item, Answer>[] = [];
  #isRunning = false;

  constructor(private readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>) {}

  ask(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isRunning) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    await nextTurn();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_ITEMS);
      try {
        const answers = await this.run(batch.map(({ item }) => item));
        for (const [i, { resolve }] of batch.entries()) resolve(answers[i]);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isRunning = false;
  }
}
