import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request, Response } from 'express';
import { expect, it, vi } from 'vitest';
import { loadConfig } from '../common/config/config.js';
import { UploadReceiver } from './upload-receiver.js';

it('leaves nothing of a client that was gone before its form was read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kriged-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write(
    'PUT / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99\r\n\r\n--b\r\n',
  );
  const [request, response] = (await once(server, 'request')) as [Request, Response];
  request.socket.destroy();
  await vi.waitUntil(() => request.closed);
  const receiver = new UploadReceiver(loadConfig({ MODELS_DIR: folder }));
  await expect(receiver.receive(request, response)).rejects.toThrow('only a part of the form');
  const left = readdirSync(folder, { recursive: true, withFileTypes: true });
  expect(left.filter(({ parentPath }) => parentPath !== folder)).toEqual([]);
  rmSync(folder, { recursive: true });
  server.close();
});
