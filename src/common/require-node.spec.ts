import { describe, expect, it } from 'vitest';
import { whyNot } from './require-node.js';

describe('whyNot', () => {
  it.each(['24.16.0', '24.21.0', '25.0.0', '26.1.2'])('lets Node.js %s run it', (release) => {
    expect(whyNot(release)).toBeUndefined();
  });

  it.each(['18.0.0', '20.20.2', '22.30.0', '24.15.0'])('says what Node.js %s lacks', (release) => {
    expect(whyNot(release)).toContain(`Node.js 24.16 or later, and this is ${release}.`);
  });
});
