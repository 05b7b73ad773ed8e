import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** Sets the headers that keep browsers from doing with an answer what it is not meant for. */
export const protect = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });

/** What `protect` sets, which is the same on every answer: recorded while it runs. */
export function securityHeaders(): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new RecordingResponse(request);
  protect(request, response, () => {});
  return response.recorded;
}

class RecordingResponse extends ServerResponse {
  readonly recorded: Record<string, string> = {};

  override setHeader(name: string, value: number | string | readonly string[]): this {
    this.recorded[name] = String(value);
    return this;
  }
}
