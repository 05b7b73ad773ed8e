import { Backend, type BackendShare } from '../../compute/backend.js';

/**
 * What the workers need to compute on the arrays of the thread that loaded the models, one for each task that may run at
 * the same time: working memory cannot be shared. Can be posted as it is.
 */
export type BackendShares = readonly BackendShare[];

export function shareBackend(owner: Backend, tasks: number): BackendShares {
  return Array.from({ length: tasks }, () => owner.share());
}

/** A thread's way to the shared arrays. */
export class SharedBackends {
  readonly #attached = new Map<number, Backend>();

  constructor(private readonly shares: BackendShares) {}

  /** The backend whose working memory is that of a task's place. */
  at(place: number): Backend {
    let backend = this.#attached.get(place);
    if (!backend) {
      backend = Backend.attach(this.shares[place]);
      this.#attached.set(place, backend);
    }
    return backend;
  }
}
