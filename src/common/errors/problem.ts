import { STATUS_CODES } from 'node:http';
import type { WholeAnswer } from '../http/answer.js';

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
export const PROBLEM_CONTENT_TYPE = `${PROBLEM_MEDIA_TYPE}; charset=utf-8`;

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

/** `instance`: the path of the request. */
export function problemAnswer(
  facts: ProblemFacts,
  instance: string,
  requestId: string | undefined,
): WholeAnswer {
  return {
    status: facts.status,
    headers: { ...facts.headers, 'Content-Type': PROBLEM_CONTENT_TYPE },
    body: JSON.stringify(toProblem(facts, instance, requestId)),
  };
}
