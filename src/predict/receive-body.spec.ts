import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { hungUp } from '../../test/support/hung-up.js';
import { decodedBody } from '../common/http/decoded-body.js';
import { receiveBody } from './receive-body.js';
import { whenGone } from './when-gone.js';

const body = Buffer.from('x1,x2\n1,2\n');
const zipped = gzipSync(body);

describe('a client that hung up before its request was read', () => {
  it.each([
    ['with a part of its body', { 'content-length': '1000' }, body],
    ['with all of its body', { 'content-length': `${body.length}` }, body],
    ['with a part of a compressed body', { 'content-length': '1000', 'content-encoding': 'gzip' }, zipped],
    [
      'with all of a compressed body',
      { 'content-length': `${zipped.length}`, 'content-encoding': 'gzip' },
      zipped,
    ],
  ])('%s is not waited for', async (_what, headers, sent) => {
    const gone = { type: 'request.aborted', status: 400 };
    const received = receiveBody((await hungUp(headers, sent)).request, 1000, () => undefined);
    await expect(received).rejects.toMatchObject(gone);
    const decoded = decodedBody((await hungUp(headers, sent)).request).next();
    await expect(decoded).rejects.toMatchObject(gone);
  });

  it('is gone', async () => {
    expect(whenGone((await hungUp({})).response).aborted).toBe(true);
  });
});
