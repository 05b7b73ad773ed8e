import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { protect, securityHeaders } from './security-headers.js';

it('records what helmet sets on an answer', () => {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  protect(request, response, () => {});
  const names = Object.keys(securityHeaders());
  expect(names.map((name) => name.toLowerCase())).toEqual(response.getHeaderNames());
  expect(Object.values(securityHeaders())).toEqual(names.map((name) => response.getHeader(name)));
  expect(names).toContain('Content-Security-Policy');
});
