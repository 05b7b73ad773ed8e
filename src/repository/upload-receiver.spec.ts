import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request, Response } from 'express';
import { afterAll, expect, it } from 'vitest';
import { hungUp } from '../../test/support/hung-up.js';
import { loadConfig } from '../common/config/config.js';
import { UploadReceiver } from './upload-receiver.js';
import { UPLOADS } from './uploads-folder.js';

const folder = mkdtempSync(join(tmpdir(), 'kriged-uploads-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('leaves nothing of a form whose client has hung up before it was read', async () => {
  const receiver = new UploadReceiver(loadConfig({ MODELS_DIR: folder }));
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '1000' };
  const { request, response } = await hungUp(headers, '--b\r\n');
  await expect(receiver.receive(request as Request, response as Response)).rejects.toMatchObject({
    type: 'request.aborted',
  });
  expect(readdirSync(join(folder, UPLOADS))).toEqual([]);
});
