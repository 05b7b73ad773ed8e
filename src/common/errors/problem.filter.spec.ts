import { type ArgumentsHost, HttpException, Logger, NotFoundException } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DomainError, type ErrorKind } from './domain-error.js';
import { ProblemFilter } from './problem.filter.js';

class SomeError extends DomainError {
  readonly code = 'SOME_ERROR';

  constructor(
    readonly kind: ErrorKind,
    private readonly facts: Record<string, unknown> = {},
  ) {
    super('Something is wrong.');
  }

  override get details(): Record<string, unknown> {
    return this.facts;
  }
}

/** What the filter answers to an error. */
function answer(error: unknown, state: { headersSent?: boolean; gone?: boolean } = {}) {
  const answered = {
    headers: {} as Record<string, unknown>,
    body: undefined as unknown,
    destroyed: false,
  };
  const response = {
    statusCode: 0,
    headersSent: state.headersSent ?? false,
    destroyed: false,
    setHeader: (name: string, value: unknown) => (answered.headers[name] = value),
    end: (text: string) => (answered.body = JSON.parse(text) as unknown),
    destroy: () => (answered.destroyed = true),
  };
  const request = {
    method: 'GET',
    path: '/some/path',
    id: 'id-1',
    socket: { destroyed: state.gone ?? false },
  };
  const http = { getRequest: () => request, getResponse: () => response };
  // oxlint-disable-next-line no-promise-in-callback -- a filter's catch, not a promise's.
  new ProblemFilter().catch(error, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return { ...answered, status: response.statusCode };
}

describe('ProblemFilter', () => {
  const logged = vi.fn<(error: unknown) => void>();
  beforeEach(() => {
    vi.spyOn(Logger.prototype, 'error').mockImplementation(logged);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    logged.mockReset();
  });

  it.each<[ErrorKind, number, string]>([
    ['invalid', 400, 'Bad Request'],
    ['not-found', 404, 'Not Found'],
    ['not-allowed', 405, 'Method Not Allowed'],
    ['not-acceptable', 406, 'Not Acceptable'],
    ['conflict', 409, 'Conflict'],
    ['too-large', 413, 'Payload Too Large'],
    ['unsupported-media-type', 415, 'Unsupported Media Type'],
    ['unprocessable', 422, 'Unprocessable Entity'],
    ['not-supported', 501, 'Not Implemented'],
    ['bad-gateway', 502, 'Bad Gateway'],
    ['unavailable', 503, 'Service Unavailable'],
    ['timeout', 504, 'Gateway Timeout'],
  ])('answers a domain error of kind %s with %d', (kind, status, title) => {
    const { body, ...answered } = answer(new SomeError(kind, { limit: 5 }));
    expect(answered.status).toBe(status);
    expect(answered.headers).toMatchObject({ 'Content-Type': 'application/problem+json; charset=utf-8' });
    expect(body).toEqual({
      type: 'about:blank',
      title,
      status,
      detail: 'Something is wrong.',
      instance: '/some/path',
      code: 'SOME_ERROR',
      error: 'Something is wrong.',
      requestId: 'id-1',
      limit: 5,
    });
    expect(logged).not.toHaveBeenCalled();
  });

  it('says after how many seconds to ask again, where the error does', () => {
    class BusyError extends SomeError {
      override get retryAfterSeconds(): number {
        return 7;
      }
    }
    expect(answer(new BusyError('unavailable')).headers).toHaveProperty('Retry-After', '7');
    expect(answer(new SomeError('unavailable')).headers).not.toHaveProperty('Retry-After');
  });

  it('lets no detail replace a standard member', () => {
    const { body } = answer(new SomeError('invalid', { status: 200, code: 'OTHER', error: 'x' }));
    expect(body).toMatchObject({ status: 400, code: 'SOME_ERROR', error: 'Something is wrong.' });
  });

  it('tells an unknown route by its method and path', () => {
    const { body } = answer(new NotFoundException('Cannot GET /some/path'));
    expect(body).toMatchObject({
      status: 404,
      code: 'ROUTE_NOT_FOUND',
      detail: 'There is no GET /some/path. See /docs.',
    });
  });

  const readerError = (status: number, type?: string, more: object = {}): Error =>
    Object.assign(new Error('reader says'), { status, type, ...more });

  it.each<[number, string | undefined, object, string]>([
    [413, 'entity.too.large', { limit: 7 }, 'BODY_TOO_LARGE'],
    [415, 'encoding.unsupported', {}, 'UNSUPPORTED_CONTENT_ENCODING'],
    [400, 'request.aborted', {}, 'BODY_INCOMPLETE'],
    [400, 'request.size.invalid', {}, 'BODY_INCOMPLETE'],
    [400, undefined, {}, 'MALFORMED_BODY'],
    [405, undefined, {}, 'METHOD_NOT_ALLOWED'],
    [418, undefined, {}, 'BAD_REQUEST'],
  ])("reads a body reader's %d %s, bare or as Nest wraps it", (status, type, more, code) => {
    const cause = readerError(status, type, more);
    for (const error of [cause, new HttpException('wrapped', status, { cause })]) {
      expect(answer(error).body).toMatchObject({ status, code, detail: expect.stringMatching(/\w{3}/) });
    }
  });

  it('tells a path that cannot be decoded', () => {
    const cause = Object.assign(new URIError("Failed to decode param '%ZZ'"), { status: 400 });
    expect(answer(new HttpException('x', 400, { cause })).body).toMatchObject({
      status: 400,
      code: 'MALFORMED_PATH',
    });
  });

  it('says which encodings are known', () => {
    expect(answer(readerError(415, 'encoding.unsupported')).headers).toMatchObject({
      'Accept-Encoding': 'gzip, deflate, br',
    });
  });

  it.each([
    ['an error of ours', new TypeError('secret of the inside')],
    ['an error that is 500 by its own word', readerError(500)],
    ['a text', 'secret of the inside'],
    ['nothing', undefined],
  ])('tells a bare 500 of %s, and logs it whole', (_what, error) => {
    const { body } = answer(error);
    expect(body).toMatchObject({ status: 500, code: 'INTERNAL_ERROR' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(logged).toHaveBeenCalledWith(error);
  });

  it('breaks off an answer that has begun', () => {
    expect(answer(new SomeError('invalid'), { headersSent: true })).toMatchObject({
      destroyed: true,
      body: undefined,
    });
  });

  it('says nothing to a client that has gone', () => {
    expect(answer(new SomeError('invalid'), { gone: true })).toMatchObject({
      destroyed: false,
      body: undefined,
    });
  });
});
