import { Backend, type BackendShare } from '../../compute/backend.js';

/** What the workers need to compute on the arrays of the thread that loaded the models. Can be posted as it is. */
export interface BackendShares {
  /** One a task that may run at the same time: working memory cannot be shared. */
  readonly shares: readonly BackendShare[];
  /** One number a share: 0 free, 1 taken. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

export function shareBackend(owner: Backend, tasks: number): BackendShares {
  return {
    shares: Array.from({ length: tasks }, () => owner.share()),
    taken: new Int32Array(new SharedArrayBuffer(tasks * Int32Array.BYTES_PER_ELEMENT)),
  };
}

/** A thread's way to the shared arrays. */
export class BackendLeases {
  readonly #attached = new Map<number, Backend>();

  constructor(private readonly from: BackendShares) {}

  /** Runs `work` with a backend whose working memory no other thread uses meanwhile; `place` tells which one it is. */
  use<Result>(work: (backend: Backend, place: number) => Result): Result {
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

  #attach(place: number): Backend {
    let backend = this.#attached.get(place);
    if (!backend) {
      backend = Backend.attach(this.from.shares[place]);
      this.#attached.set(place, backend);
    }
    return backend;
  }
}
