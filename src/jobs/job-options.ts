import { describe, quote } from '../common/media/describe.js';
import { InputIssues } from '../common/media/issue.js';
import { type Preferences, readPreferences } from '../common/http/prefer.js';
import type { Json } from './job.js';

/** What a client may say about the job that its request makes, beside the work itself. */
export interface JobOptions {
  readonly priority: number;
  readonly startAfter?: Date;
  readonly timeLimitSeconds: number;
  readonly maxAttempts: number;
  readonly webhook?: string;
  readonly idempotencyKey?: string;
  readonly prefer: Preferences;
  /** The address that the request came from. */
  readonly requestedBy?: string;
  /** What was said, without the defaults and before a delay became a time: it is the same when the request is repeated. */
  readonly asked: { readonly [name: string]: Json };
}

/** What is taken where a client says nothing, and what it may not say. */
export interface JobDefaults {
  readonly timeLimitSeconds: number;
  readonly maxAttempts: number;
  /** Why a webhook's URL is not allowed. */
  readonly refuseWebhook: (url: string) => string | undefined;
}

/** Of an HTTP request: where the options are. */
export interface JobRequest {
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly query: Readonly<Record<string, unknown>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** The query parameters that are read here. */
export const JOB_OPTION_NAMES = [
  'priority',
  'delay',
  'startAfter',
  'timeLimit',
  'maxAttempts',
  'webhook',
] as const;

type OptionName = (typeof JOB_OPTION_NAMES)[number];

export const MOST_PRIORITY = 100;
export const MOST_ATTEMPTS = 20;
export const MOST_TIME_LIMIT_SECONDS = 7 * 86_400;
export const MOST_DELAY_SECONDS = 366 * 86_400;
const MOST_WEBHOOK_CHARACTERS = 2048;

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
const VISIBLE_ASCII = /^[!-~]{1,255}$/;

/** Reads the headers `Idempotency-Key` and `Prefer`, and the query. Throws InvalidInputError with each wrong field. */
export function readJobOptions(
  { headers, query, socket }: JobRequest,
  defaults: JobDefaults,
  now = new Date(),
): JobOptions {
  const issues = new InputIssues();
  const asked: Partial<Record<OptionName, Json>> = {};
  const read = <T extends Json>(
    name: OptionName,
    expected: string,
    parse: (text: string) => T | undefined,
  ): T | undefined => {
    const given = query[name];
    if (given === undefined) return undefined;
    const value = typeof given === 'string' ? parse(given) : undefined;
    if (value === undefined) issues.add(() => issue(name, given, expected));
    else asked[name] = value;
    return value;
  };

  const priority = read('priority', ...integer(-MOST_PRIORITY, MOST_PRIORITY));
  const delay = read('delay', ...integer(0, MOST_DELAY_SECONDS, ' of seconds'));
  const time = read('startAfter', ...isoTime(now));
  const timeLimit = read('timeLimit', ...integer(1, MOST_TIME_LIMIT_SECONDS, ' of seconds'));
  const maxAttempts = read('maxAttempts', ...integer(1, MOST_ATTEMPTS));
  const webhook = read('webhook', `a URL of at most ${MOST_WEBHOOK_CHARACTERS} characters`, webhookUrl);
  if (delay !== undefined && time !== undefined) {
    issues.add(() => issue('startAfter', query.startAfter, 'nothing beside delay: one of the two'));
  }
  const refusal = webhook === undefined ? undefined : defaults.refuseWebhook(webhook);
  if (refusal !== undefined) issues.add(() => issue('webhook', webhook, refusal));
  const key = headers['idempotency-key'];
  if (key !== undefined && !(typeof key === 'string' && VISIBLE_ASCII.test(key))) {
    issues.add(() => issue('Idempotency-Key', key, '1 to 255 visible ASCII characters'));
  }
  issues.throwIfAny();

  const startAfter =
    time !== undefined
      ? new Date(time)
      : delay !== undefined && delay > 0
        ? new Date(now.getTime() + delay * 1000)
        : undefined;
  const prefer = headers.prefer;
  return {
    priority: priority ?? 0,
    timeLimitSeconds: timeLimit ?? defaults.timeLimitSeconds,
    maxAttempts: maxAttempts ?? defaults.maxAttempts,
    prefer: readPreferences(Array.isArray(prefer) ? prefer.join(',') : prefer),
    asked,
    ...(startAfter && { startAfter }),
    ...(webhook !== undefined && { webhook }),
    ...(typeof key === 'string' && { idempotencyKey: key }),
    ...(socket.remoteAddress !== undefined && { requestedBy: socket.remoteAddress }),
  };
}

type Reader<T> = readonly [expected: string, parse: (text: string) => T | undefined];

function integer(min: number, max: number, unit = ''): Reader<number> {
  return [
    `a whole number${unit} from ${min} to ${max}`,
    (text) => {
      const value = /^[+-]?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      // Plus zero: -0 would not be the same request as 0.
      return value >= min && value <= max ? value + 0 : undefined;
    },
  ];
}

function isoTime(now: Date): Reader<string> {
  const latest = now.getTime() + MOST_DELAY_SECONDS * 1000;
  return [
    'a time such as 2030-01-31T08:00:00Z (a + in an address is written %2B), at most 366 days ahead',
    (text) => {
      const time = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
      return time <= latest ? new Date(time).toISOString() : undefined;
    },
  ];
}

function webhookUrl(text: string): string | undefined {
  return text.length <= MOST_WEBHOOK_CHARACTERS && URL.canParse(text) ? text : undefined;
}

function issue(
  path: string,
  value: unknown,
  expected: string,
): { path: string; received: string; expected: string; message: string } {
  const received = typeof value === 'string' && value !== '' ? quote(value) : describe(value);
  return { path, received, expected, message: `${path} is ${received}, expected ${expected}.` };
}
