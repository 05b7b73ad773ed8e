import { afterEach, describe, expect, it, vi } from 'vitest';
import { isJobId, newJobId } from './job-id.js';

afterEach(() => vi.useRealTimers());

describe('newJobId', () => {
  it('makes UUIDs of version 7 that tell their time', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2099, 0, 1) });
    const id = newJobId();
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(Date.UTC(2099, 0, 1));
    expect(isJobId(id)).toBe(true);
  });

  it('sorts in the order of making, within a millisecond and when the clock goes back', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2100, 0, 1) });
    const ids = Array.from({ length: 10_000 }, newJobId);
    vi.setSystemTime(Date.UTC(2099, 6, 1));
    ids.push(newJobId());
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('isJobId', () => {
  it.each(['', 'a', '../../etc/passwd', `${newJobId()}x`, newJobId().toUpperCase(), newJobId().slice(1)])(
    'refuses %s',
    (text) => expect(isJobId(text)).toBe(false),
  );
});
