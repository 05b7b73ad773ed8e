import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../common/media/issue.js';
import { readJobOptions } from './job-options.js';

const NOW = new Date('2030-01-01T00:00:00Z');
const DEFAULTS = {
  timeLimitSeconds: 100,
  maxAttempts: 3,
  refuseWebhook: (url: string) => (url.includes('good') ? undefined : 'another host'),
};
const read = (query: Record<string, unknown>, headers: Record<string, string> = {}) =>
  readJobOptions({ query, headers, socket: { remoteAddress: '10.0.0.7' } }, DEFAULTS, NOW);

describe('readJobOptions', () => {
  it('takes the defaults', () => {
    expect(read({})).toEqual({
      priority: 0,
      timeLimitSeconds: 100,
      maxAttempts: 3,
      prefer: { respondAsync: false },
      requestedBy: '10.0.0.7',
      asked: {},
    });
  });

  it('reads what is asked for', () => {
    const query = {
      priority: '-5',
      delay: '60',
      timeLimit: '20',
      maxAttempts: '1',
      webhook: 'https://good/a',
      other: 'x',
    };
    expect(read(query, { 'idempotency-key': 'k"1', prefer: 'respond-async, wait=2' })).toMatchObject({
      priority: -5,
      startAfter: new Date('2030-01-01T00:01:00Z'),
      timeLimitSeconds: 20,
      maxAttempts: 1,
      webhook: 'https://good/a',
      idempotencyKey: 'k"1',
      prefer: { respondAsync: true, waitSeconds: 2 },
      asked: { priority: -5, delay: 60, timeLimit: 20, maxAttempts: 1, webhook: 'https://good/a' },
    });
    expect(read({ startAfter: '2030-01-02T03:00+03:00' })).toMatchObject({
      startAfter: new Date('2030-01-02T00:00:00Z'),
      asked: { startAfter: '2030-01-02T00:00:00.000Z' },
    });
  });

  it('says the same of a request that is repeated later', () => {
    const later = readJobOptions(
      { query: { delay: '60', priority: '+0' }, headers: {}, socket: {} },
      DEFAULTS,
      new Date('2030-01-01T01:00:00Z'),
    );
    expect(later.asked).toEqual(read({ delay: '060', priority: '-0' }).asked);
    expect(Object.is(later.asked.priority, 0)).toBe(true);
  });

  it.each<[string, Record<string, unknown>, Record<string, string>?]>([
    ['priority', { priority: '101' }],
    ['priority', { priority: '-101' }],
    ['priority', { priority: '' }],
    ['priority', { priority: '1.5' }],
    ['priority', { priority: ['1', '2'] }],
    ['delay', { delay: '-1' }],
    ['delay', { delay: '1e3' }],
    ['delay', { delay: '31622401' }],
    ['startAfter', { startAfter: 'tomorrow' }],
    ['startAfter', { startAfter: '2030-01-02' }],
    ['startAfter', { startAfter: '2030-01-02T00:00:00' }],
    ['startAfter', { startAfter: '2030-13-02T00:00:00Z' }],
    ['startAfter', { startAfter: '2030-01-02T00:00:00 01:00' }],
    ['startAfter', { startAfter: '2031-01-03T00:00:00Z' }],
    ['startAfter', { startAfter: '2030-01-02T00:00:00Z', delay: '1' }],
    ['timeLimit', { timeLimit: '0' }],
    ['timeLimit', { timeLimit: '604801' }],
    ['maxAttempts', { maxAttempts: '0' }],
    ['maxAttempts', { maxAttempts: '21' }],
    ['webhook', { webhook: 'no url' }],
    ['webhook', { webhook: 'https://bad/a' }],
    ['webhook', { webhook: `https://good/${'a'.repeat(2048)}` }],
    ['Idempotency-Key', {}, { 'idempotency-key': '' }],
    ['Idempotency-Key', {}, { 'idempotency-key': 'a b' }],
    ['Idempotency-Key', {}, { 'idempotency-key': 'a'.repeat(256) }],
    ['Idempotency-Key', {}, { 'idempotency-key': 'ä' }],
  ])('names %s where it is wrong: %o %o', (path, query, headers) => {
    const fail = (): unknown => read(query, headers);
    expect(fail).toThrow(InvalidInputError);
    expect(fail).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path })] }));
  });

  it('names all wrong fields at once', () => {
    expect(() => read({ priority: 'x', timeLimit: 'y' }, { 'idempotency-key': ' ' })).toThrow(
      /^3 problems with the inputs/,
    );
  });
});
