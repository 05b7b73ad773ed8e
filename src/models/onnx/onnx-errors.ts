import { DomainError } from '../../common/errors/domain-error.js';

/** The graph takes numbers such as these, but fails on them: an index that is out of range, for example. */
export class GraphRunError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'GRAPH_RUN_FAILED';

  constructor(reason: string) {
    super(`The model's graph fails on these rows: ${reason}`);
  }
}
