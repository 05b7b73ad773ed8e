import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind } from './domain-error.js';
import type { ProblemFacts } from './problem.js';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  forbidden: 403,
  'not-found': 404,
  'not-allowed': 405,
  'not-acceptable': 406,
  conflict: 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  unprocessable: 422,
  failed: 500,
  'not-supported': 501,
  'bad-gateway': 502,
  unavailable: 503,
  timeout: 504,
};

/** What a problem tells of the request it answers. */
interface FailedRequest {
  readonly method: string;
  readonly path: string;
}

/** For what nobody expected: whoever answers it logs the error whole. */
export const UNEXPECTED: ProblemFacts = {
  status: 500,
  code: 'INTERNAL_ERROR',
  message: 'The server failed to answer. Its log has the cause.',
};

/** A failure as HTTP tells it. Undefined for an error that is the server's own. */
export function knownProblem(error: unknown, request: FailedRequest): ProblemFacts | undefined {
  if (error instanceof DomainError) {
    const { kind, code, message, details, retryAfterSeconds } = error;
    const headers = retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) };
    return { status: STATUS[kind], code, message, details, ...(headers && { headers }) };
  }
  // Nest wraps what Express and its body readers throw; what says most is inside.
  const cause = error instanceof HttpException ? (error.cause ?? error) : error;
  if (cause instanceof HttpException) return fromHttpException(cause, request);
  return isHttpError(cause) ? fromHttpError(cause) : undefined;
}

/** Nest's own: unknown routes. */
function fromHttpException(error: HttpException, request: FailedRequest): ProblemFacts {
  const status = error.getStatus();
  if (status === 404) {
    return {
      status,
      code: 'ROUTE_NOT_FOUND',
      message: `There is no ${request.method} ${request.path}. See /docs.`,
    };
  }
  return { status, code: codeOf(status), message: error.message };
}

/** The errors of Express (a path that cannot be decoded) and of its body readers, by their documented `type`. */
interface HttpError extends Error {
  readonly status: number;
  readonly type?: string;
  readonly limit?: number;
  readonly length?: number;
}

function isHttpError(error: unknown): error is HttpError {
  const status = (error as HttpError | undefined)?.status;
  return error instanceof Error && typeof status === 'number' && status >= 400 && status < 500;
}

function fromHttpError(error: HttpError): ProblemFacts {
  if (error instanceof URIError) {
    return {
      status: 400,
      code: 'MALFORMED_PATH',
      message: 'The path cannot be decoded: each % must begin a byte of UTF-8 in two hexadecimal digits.',
    };
  }
  switch (error.type) {
    case 'entity.too.large':
      return {
        status: 413,
        code: 'BODY_TOO_LARGE',
        message: `The body is larger than MAX_BODY_BYTES allows (${error.limit} bytes). Send fewer rows at a time.`,
        details: { limit: error.limit },
      };
    case 'encoding.unsupported':
      return {
        status: 415,
        code: 'UNSUPPORTED_CONTENT_ENCODING',
        message: 'The Content-Encoding is not known: expected gzip, deflate, br or none.',
        headers: { 'Accept-Encoding': 'gzip, deflate, br' },
      };
    case 'request.aborted':
      return {
        status: 400,
        code: 'BODY_INCOMPLETE',
        message: 'The connection closed before the whole body came.',
      };
    case 'request.size.invalid':
      return {
        status: 400,
        code: 'BODY_INCOMPLETE',
        message: 'The body is not as long as its Content-Length says.',
      };
    default:
      return error.status === 400
        ? {
            status: 400,
            code: 'MALFORMED_BODY',
            message: `The body cannot be read (${error.message}): is it what its Content-Encoding says?`,
          }
        : { status: error.status, code: codeOf(error.status), message: error.message };
  }
}

function codeOf(status: number): string {
  if (status === 405) return 'METHOD_NOT_ALLOWED';
  if (status === 413) return 'BODY_TOO_LARGE';
  return status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR';
}
