import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '../common/errors/domain-error.js';

/** Asked of a process that answers nobody. */
class WorkerRoleError extends DomainError {
  override readonly kind = 'not-found';
  override readonly code = 'WORKER_ROLE';

  constructor() {
    super('This process runs jobs (ROLE=worker) and answers only /health. Ask one of ROLE=api.');
  }
}

/** Lets the questions of an orchestrator through, and nothing else. */
export function onlyHealth(request: Request, _response: Response, next: NextFunction): void {
  if (/^\/health(\/|$)/.test(request.path)) next();
  else next(new WorkerRoleError());
}
