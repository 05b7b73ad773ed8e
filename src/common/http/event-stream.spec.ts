import { expect, it, vi } from 'vitest';
import { hungUp } from '../../../test/support/hung-up.js';
import { EventStream } from './event-stream.js';

it('tells of a client that has hung up before anybody listened', async () => {
  const gone = vi.fn();
  new EventStream((await hungUp({})).response).onGone(gone);
  expect(gone).toHaveBeenCalledOnce();
});
