import { describe, expect, it } from 'vitest';
import type { Job } from './job.js';
import { estimatedEnd, jobJson, secondsLeft } from './job.dto.js';

const START = Date.UTC(2030, 0, 1);
const after = (seconds: number): Date => new Date(START + seconds * 1000);
const job = (given: Partial<Job>): Job => ({
  id: '0198c6a4-6d3e-7a10-8f6b-2f1d3c5e7a90',
  type: 'test',
  state: 'running',
  request: { secret: 1 },
  priority: 0,
  createdAt: after(-10),
  startedAt: after(0),
  attempt: 1,
  maxAttempts: 3,
  timeLimitSeconds: 60,
  cancelRequested: false,
  log: [],
  ...given,
});

describe('estimatedEnd', () => {
  it('goes on as it has gone', () => {
    expect(estimatedEnd(job({ progress: { done: 1, total: 4 } }), after(10))).toEqual(after(40));
    expect(estimatedEnd(job({ progress: { done: 4, total: 4 } }), after(10))).toEqual(after(10));
  });

  it('does not count what an earlier attempt has done', () => {
    expect(estimatedEnd(job({ progress: { done: 6, total: 9, found: 5 } }), after(10))).toEqual(after(40));
    expect(estimatedEnd(job({ progress: { done: 5, total: 9, found: 5 } }), after(10))).toBeUndefined();
  });

  it('says nothing where nothing is known', () => {
    expect(estimatedEnd(job({}), after(10))).toBeUndefined();
    expect(estimatedEnd(job({ progress: { done: 0, total: 4 } }), after(10))).toBeUndefined();
    expect(
      estimatedEnd(job({ state: 'queued', progress: { done: 1, total: 4 } }), after(10)),
    ).toBeUndefined();
  });

  it('holds what a Date can hold', () => {
    const tiny = job({ progress: { done: 1e-300, total: 1e300 } });
    expect(jobJson(tiny, after(10)).estimatedEnd).toBe('2031-01-02T00:00:10.000Z');
    expect(estimatedEnd(job({ progress: { done: 1, total: 4 } }), after(-10))).toEqual(after(-10));
  });
});

describe('secondsLeft', () => {
  it('is between 1 and 60', () => {
    expect(secondsLeft(job({}), after(5))).toBe(1);
    expect(secondsLeft(job({ progress: { done: 1, total: 4 } }), after(10))).toBe(30);
    expect(secondsLeft(job({ progress: { done: 1, total: 400 } }), after(10))).toBe(60);
    expect(secondsLeft(job({ state: 'queued', startAfter: after(15) }), after(10))).toBe(5);
    expect(secondsLeft(job({ state: 'queued', startAfter: after(5) }), after(10))).toBe(1);
  });
});

describe('jobJson', () => {
  it('shows neither the request, nor the result, nor where a webhook goes', () => {
    const shown = jobJson(
      job({ state: 'succeeded', webhook: 'https://a.example/secret?token=1', result: { value: 'secret' } }),
      after(10),
    );
    expect(shown.webhook).toBe('https://a.example');
    expect(JSON.stringify(shown)).not.toContain('secret');
  });
});
