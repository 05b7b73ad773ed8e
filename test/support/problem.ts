import { tmpdir } from 'node:os';
import type { Response } from 'supertest';
import { expect } from 'vitest';
import { ROOT } from './test-app.js';

export interface ProblemBody {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly error: string;
  readonly instance: string;
  readonly requestId: string;
  readonly errors?: { path: string; received: string; expected: string; message: string; line?: number }[];
  readonly errorCount?: number;
  readonly [detail: string]: unknown;
}

/** Checks that the response is this problem, whole and without anything of the server's inside; returns its body. */
export function expectProblem(response: Response, status: number, code: string): ProblemBody {
  expect({ status: response.status, text: response.text }).toMatchObject({ status });
  const body = JSON.parse(response.text) as ProblemBody;
  expect(body.code).toBe(code);
  expectWellFormedProblem(status, response.headers, response.text);
  return body;
}

/** Everything that holds for every problem, whatever its code. */
export function expectWellFormedProblem(
  status: number,
  headers: Readonly<Record<string, unknown>>,
  text: string,
): void {
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const body = JSON.parse(text) as ProblemBody;
  expect(body).toMatchObject({
    type: 'about:blank',
    title: expect.stringMatching(/^[A-Z]/),
    status,
    detail: expect.stringMatching(/\w{3}/),
    code: expect.stringMatching(/^[A-Z][A-Z_]+$/),
    error: body.detail,
    instance: expect.any(String),
    requestId: headers['x-request-id'],
  });
  for (const issue of body.errors ?? []) {
    expect(issue).toMatchObject({
      path: expect.stringMatching(/./),
      message: expect.stringMatching(/\w{3}/),
    });
  }
  expectNoLeak(text);
}

/** No stack trace, and no path of this machine. */
export function expectNoLeak(text: string): void {
  expect(text).not.toMatch(/\bat (?:async )?[\w.<>]+ \(|node_modules|node:internal|\.[jt]s:\d/);
  expect(text).not.toContain(ROOT);
  expect(text).not.toContain(`${tmpdir()}/kriged-`);
}

/** The paths of the wrong fields, in order. */
export function paths(body: ProblemBody): string[] {
  return (body.errors ?? []).map(({ path }) => path);
}
