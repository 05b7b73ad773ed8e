import type { LinearAlgebra } from '../../numeric/linalg/linear-algebra.js';
import { WasmLinearAlgebra, type WasmShare } from '../../numeric/linalg/wasm/wasm-linear-algebra.js';

/** What the workers need to compute on the arrays of the thread that loaded the models. Can be posted as it is. */
export interface LinearAlgebraShares {
  /** One a task that may run at the same time: working memory cannot be shared. */
  readonly shares: readonly WasmShare[];
  /** One number a share: 0 free, 1 taken. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

export function shareLinearAlgebra(owner: WasmLinearAlgebra, tasks: number): LinearAlgebraShares {
  return {
    shares: Array.from({ length: tasks }, () => owner.share()),
    taken: new Int32Array(new SharedArrayBuffer(tasks * Int32Array.BYTES_PER_ELEMENT)),
  };
}

/** A thread's way to the shared arrays. */
export class LinearAlgebraLeases {
  readonly #attached = new Map<number, LinearAlgebra>();

  constructor(private readonly from: LinearAlgebraShares) {}

  /** Runs `work` with working memory that no other thread uses meanwhile. */
  use<Result>(work: (linalg: LinearAlgebra, place: number) => Result): Result {
    const place = this.#take();
    try {
      return work(this.#attach(place), place);
    } finally {
      Atomics.store(this.from.taken, place, 0);
    }
  }

  #take(): number {
    const { taken } = this.from;
    for (let place = 0; place < taken.length; place++) {
      if (Atomics.compareExchange(taken, place, 0, 1) === 0) return place;
    }
    throw new Error('More tasks run than there is working memory for.');
  }

  #attach(place: number): LinearAlgebra {
    let linalg = this.#attached.get(place);
    if (!linalg) {
      linalg = WasmLinearAlgebra.attach(this.from.shares[place]);
      this.#attached.set(place, linalg);
    }
    return linalg;
  }
}
