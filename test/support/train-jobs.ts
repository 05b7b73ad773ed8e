import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { TestApp } from './test-app.js';

interface Ended {
  readonly id: string;
  readonly state: string;
  readonly error?: { readonly code: string; readonly detail?: string; readonly message?: string };
}

export interface Result {
  readonly model: string;
  readonly version: string;
  readonly kernel: string;
  readonly logMarginalLikelihood: number;
  readonly objective: string;
  /** Of a sparse model. */
  readonly inducing?: number;
  readonly hyperparameters: { readonly kernel: string; readonly noise: number };
  readonly diagnostics: {
    readonly logMarginalLikelihood: number;
    readonly leaveOneOut: { readonly outputs: readonly { readonly q2: number }[] };
  };
  readonly warnings: readonly string[];
}

export async function ended(app: TestApp, id: string): Promise<Ended> {
  for (;;) {
    const { body } = await app.request().get(`/jobs/${id}`).expect(200);
    if (!['queued', 'running'].includes((body as Ended).state)) return body as Ended;
    await sleep(50);
  }
}

export async function result(app: TestApp, id: string): Promise<Result> {
  const job = await ended(app, id);
  expect(job, JSON.stringify(job)).toMatchObject({ state: 'succeeded' });
  return (await app.request().get(`/jobs/${id}/result`).expect(200)).body as Result;
}

export async function trainJson(app: TestApp, body: object): Promise<Result> {
  const answer = await app.request().post('/train').send(body).expect(202);
  expect(answer.headers.location).toBe(`/jobs/${answer.body.id}`);
  return result(app, answer.body.id as string);
}
