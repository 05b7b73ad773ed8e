import { STATUS_CODES } from 'node:http';

/** An RFC 9457 problem, plus `error` (what the Flask example's clients read) and a stable `code`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly error: string;
  readonly requestId?: string;
  readonly [detail: string]: unknown;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** A failure as HTTP tells it, before the request's own facts are added. */
export interface ProblemFacts {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function toProblem(facts: ProblemFacts, instance: string, requestId: string | undefined): Problem {
  return {
    ...facts.details,
    type: 'about:blank',
    title: STATUS_CODES[facts.status] ?? 'Error',
    status: facts.status,
    detail: facts.message,
    instance,
    code: facts.code,
    error: facts.message,
    ...(requestId !== undefined && { requestId }),
  };
}
