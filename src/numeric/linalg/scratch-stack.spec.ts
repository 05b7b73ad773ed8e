import { expect, it } from 'vitest';
import { ScratchStack } from './scratch-stack.js';

it('gives nested users different memory, and later users the same again', () => {
  const stack = new ScratchStack();
  const outer = stack.take(8);
  const inner = stack.take(4);
  expect(inner.buffer).not.toBe(outer.buffer);
  stack.release(2);
  const again = stack.take(3);
  expect(again.length).toBe(3);
  expect(again.buffer).toBe(outer.buffer);
  expect(stack.take(5).length).toBe(5);
});
