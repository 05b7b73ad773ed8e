import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { hungUp } from '../../../test/support/hung-up.js';
import { sendAnyAnswer } from './send-stream.js';

it('takes a client that has hung up before its answer for no failure, and closes what would be sent', async () => {
  const { response } = await hungUp({});
  const body = Readable.from(['some']);
  await sendAnyAnswer(response, { status: 200, headers: {}, body });
  expect(body.destroyed).toBe(true);
});
