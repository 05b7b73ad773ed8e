import { PinoLogger } from 'nestjs-pino';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { RequestLog } from './request-log.js';

const lines: string[] = [];
const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
const log = new RequestLog({ logger } as unknown as PinoLogger);
const facts = { requestId: 'id-1', method: 'POST', url: '/predict?a="\\\u2028', statusCode: 200 };
const written = (): Record<string, unknown> => JSON.parse(lines[0]) as Record<string, unknown>;

beforeEach(() => {
  lines.length = 0;
});

describe('RequestLog', () => {
  it('writes the line that pino would', () => {
    log.write({ ...facts, start: performance.now(), finished: true });
    const { time, responseTime } = written();
    logger.info({ ...facts, responseTime }, 'request completed');
    expect(lines[0].replace(String(time), '')).toBe(lines[1].replace(/(?<="time":)\d+/, ''));
    expect(responseTime).toBeLessThan(1000);
  });

  it.each([
    [200, true, 30, 'request completed'],
    [404, true, 40, 'request completed'],
    [500, true, 50, 'request completed'],
    [200, false, 30, 'request aborted'],
  ])('status %d, finished %s: level %d', (statusCode, finished, level, msg) => {
    log.write({ ...facts, statusCode, start: 0, finished });
    expect(written()).toMatchObject({ level, msg, statusCode });
  });

  it('keeps to the level that is set', () => {
    logger.level = 'warn';
    log.write({ ...facts, start: 0, finished: true });
    expect(lines).toEqual([]);
    log.write({ ...facts, statusCode: 400, start: 0, finished: true });
    expect(lines).toHaveLength(1);
    logger.level = 'info';
  });

  it("takes the caller's id where it is fit for a line", () => {
    expect(log.idFor('a.b:c-1_')).toBe('a.b:c-1_');
    for (const given of [undefined, '', 'a b', 'a"', 'x'.repeat(129)]) {
      expect(log.idFor(given)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
