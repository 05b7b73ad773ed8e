import { describe, expect, it } from 'vitest';
import { readPreferences } from './prefer.js';

describe('readPreferences', () => {
  it.each<[string | undefined, boolean, number | undefined]>([
    [undefined, false, undefined],
    ['', false, undefined],
    ['respond-async', true, undefined],
    ['Respond-ASYNC', true, undefined],
    ['respond-async, wait=5', true, 5],
    ['wait=5,respond-async', true, 5],
    ['wait = 5 , respond-async', true, 5],
    ['wait="12"', false, 12],
    ['wait=0', false, 0],
    // An empty value is no value.
    ['respond-async=""', true, undefined],
    ['respond-async=', true, undefined],
    ['respond-async=no', false, undefined],
    ['wait', false, undefined],
    // Parameters are not known here, and what follows them is read.
    ['respond-async; foo=bar; baz, wait=3', true, 3],
    ['foo; wait=4, wait=6', false, 6],
    // The first of two counts.
    ['wait=1, wait=2', false, 1],
    ['wait=x, wait=2', false, undefined],
    // Unknown and malformed ones are passed over.
    ['return=minimal, handling=lenient, wait=7', false, 7],
    ['foo="a, wait=9", wait=8', false, 8],
    [String.raw`foo="a\", wait=9", wait=8`, false, 8],
    ['@@@, wait=8', false, 8],
    ['wait=-1', false, undefined],
    ['wait=1.5', false, undefined],
    ['wait=5s', false, undefined],
    [', ,, wait=8', false, 8],
  ])('%s', (header, respondAsync, waitSeconds) => {
    expect(readPreferences(header)).toEqual({
      respondAsync,
      ...(waitSeconds !== undefined && { waitSeconds }),
    });
  });
});
