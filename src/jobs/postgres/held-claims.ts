import type { Job, Progress } from '../job.js';
import type { Claim } from '../job-engine.js';
import { ClaimLostError, JobCancelledError } from '../engine-errors.js';

/** An attempt that this process holds, and what it has said since that was last written. */
export interface HeldClaim {
  /** Its name in the database. */
  readonly token: string;
  readonly claim: Claim;
  readonly controller: AbortController;
  progress: Progress | undefined;
  lines: string[];
  /** The latest lines that are written. */
  log: readonly string[];
  /** Its end is being written: what the database says of it is that. */
  isSettling: boolean;
  /** The reports that are being written. */
  writing: Promise<void>;
}

/** The attempts that this process holds. */
export class HeldClaims {
  readonly #byToken = new Map<string, HeldClaim>();
  readonly #byClaim = new Map<Claim, HeldClaim>();

  get all(): HeldClaim[] {
    return [...this.#byToken.values()];
  }

  get tokens(): string[] {
    return [...this.#byToken.keys()];
  }

  has(job: string): boolean {
    return this.all.some(({ claim, isSettling }) => !isSettling && claim.job.id === job);
  }

  add(token: string, job: Job): Claim {
    const controller = new AbortController();
    const claim = { job, signal: controller.signal };
    const held: HeldClaim = {
      token,
      claim,
      controller,
      progress: undefined,
      lines: [],
      log: job.log,
      isSettling: false,
      writing: Promise.resolve(),
    };
    this.#byToken.set(token, held);
    this.#byClaim.set(claim, held);
    return claim;
  }

  get(claim: Claim): HeldClaim | undefined {
    return this.#byClaim.get(claim);
  }

  /** Where it has ended, well or badly. */
  letGo(claim: Claim): void {
    this.#byToken.delete(this.#byClaim.get(claim)?.token ?? '');
    this.#byClaim.delete(claim);
  }

  /** Tells those that must stop. `current`: those of the `asked` that still hold, and whether they were cancelled. */
  update(asked: readonly string[], current: ReadonlyMap<string, boolean>): void {
    for (const token of asked) {
      const held = this.#byToken.get(token);
      if (!held || held.isSettling) continue;
      const isCancelled = current.get(token);
      if (isCancelled === true) held.controller.abort(new JobCancelledError());
      if (isCancelled !== undefined) continue;
      this.letGo(held.claim);
      held.controller.abort(new ClaimLostError());
    }
  }
}
