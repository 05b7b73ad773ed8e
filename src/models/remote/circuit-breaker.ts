import { ExternalModelUnavailableError } from '../external-errors.js';

/** How a call ended: the server answered, it failed, or nobody waited to see. */
export type Outcome = 'answered' | 'failed' | 'unknown';

/**
 * Spares a server that fails, and whoever would wait for it. Closed: every call is let through. Open, after a number
 * of failures with no answer between them: every call is refused at once. Half-open, when that has lasted long enough:
 * one call is let through, and its outcome closes or opens the circuit.
 */
export class CircuitBreaker {
  #failures = 0;
  #openUntil: number | undefined;
  #probing = false;

  constructor(
    private readonly mostFailures: number,
    private readonly openMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openUntil === undefined) return 'closed';
    return this.now() < this.#openUntil ? 'open' : 'half-open';
  }

  /** Lets a call through, or throws ExternalModelUnavailableError. The function returned takes the call's outcome. */
  enter(): (outcome: Outcome) => void {
    const { state } = this;
    if (state === 'open' || (state === 'half-open' && this.#probing)) {
      throw new ExternalModelUnavailableError(
        'The server behind this model has failed several times in a row, and is left alone for a while.',
        Math.max(1, Math.ceil(((this.#openUntil ?? 0) - this.now()) / 1000)),
      );
    }
    const probe = state === 'half-open';
    if (probe) this.#probing = true;
    return (outcome) => {
      if (probe) this.#probing = false;
      if (outcome === 'answered') this.#close();
      else if (outcome === 'failed') this.#fail(probe);
    };
  }

  #close(): void {
    this.#failures = 0;
    this.#openUntil = undefined;
  }

  #fail(probe: boolean): void {
    this.#failures++;
    const closed = this.#openUntil === undefined;
    // Calls that were let through before it opened do not prolong it.
    if (probe || (closed && this.#failures >= this.mostFailures)) this.#openUntil = this.now() + this.openMs;
  }
}
