import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DomainError } from '../../common/errors/domain-error.js';
import {
  ExternalModelError,
  ExternalModelRefusalError,
  ExternalModelTimeoutError,
  ExternalModelUnavailableError,
} from '../external-errors.js';
import type { CircuitBreaker, Outcome } from './circuit-breaker.js';
import { exchange, ExchangeError, type HttpAnswer } from './exchange.js';

/** The server is there, but not for now: the same request may succeed a moment later. */
const TRANSIENT = [502, 503, 504];
/** The request is at fault. 501: Kriged, where a model does not do what an option asks for. */
const REFUSALS = [400, 413, 422, 501];
const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2_000;
const MAX_RETRY_AFTER_SECONDS = 3_600;
const LOGGED_CHARACTERS = 500;

export interface RemoteClientOptions {
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly timeoutMs: number;
  /** Of calls that failed in a way that another attempt may not. */
  readonly retries: number;
  readonly circuit: CircuitBreaker;
  /** Of the model, for the log. */
  readonly label: string;
}

/** One call of a protocol. */
export interface Call {
  /** Begins with a slash. */
  readonly path: string;
  /** A POST; a GET without. */
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Numbers that the answer is expected to hold: what is much larger than they take as text is not read. */
  readonly values: number;
}

/** Bytes that a number takes in JSON, and what may stand around the numbers. */
const VALUE_BYTES = 32;
const ENVELOPE_BYTES = 256 * 1024;

/**
 * Calls another server over connections that are kept. Predicting changes nothing, so what failed on the way is tried
 * again, later and later; a server that goes on failing is left alone by the circuit breaker. Redirects are not
 * followed: they could lead to a host that is not allowed. Answers are as little trusted as requests.
 *
 * What it throws is fit for clients: it names neither the server nor what it said.
 */
export class RemoteClient {
  private readonly logger = new Logger('RemoteModel');
  readonly #agent: HttpAgent;

  constructor(
    private readonly options: RemoteClientOptions,
    /** What a refusal says, where that is fit for clients. */
    private readonly explain: (refusal: unknown) => string | undefined = () => undefined,
  ) {
    this.#agent = new (options.url.protocol === 'https:' ? HttpsAgent : HttpAgent)({ keepAlive: true });
  }

  /** Throws the errors of `external-errors.ts`, and the signal's reason. */
  async json(call: Call, signal: AbortSignal): Promise<unknown> {
    const { body } = await this.bytes(call, signal);
    const value = parseJson(body);
    if (value === undefined) {
      this.#log('answered what is no JSON', body);
      throw new ExternalModelError('The server behind this model answered what is no JSON.');
    }
    return value;
  }

  /** As `json`, for an answer of any type. */
  async bytes(call: Call, signal: AbortSignal): Promise<HttpAnswer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#attempt(call, signal);
      const unreachable = answer instanceof ExchangeError;
      if (!unreachable && answer.status === 200) return answer;
      const transient = unreachable ? answer.kind === 'network' : TRANSIENT.includes(answer.status);
      if (!transient || attempt >= this.options.retries) throw this.#failure(answer);
      await this.#backOff(attempt, signal);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #attempt(
    { path, body, headers, values }: Call,
    signal: AbortSignal,
  ): Promise<HttpAnswer | ExchangeError> {
    const { url, timeoutMs, authorization, circuit } = this.options;
    // Not relative to the url: of two leading slashes, what follows would be a host.
    const target = new URL(url.origin + url.pathname.replace(/\/+$/, '') + path);
    const request = {
      method: body ? 'POST' : 'GET',
      headers: {
        Accept: 'application/json',
        ...(body && { 'Content-Type': 'application/json' }),
        ...headers,
        ...(authorization !== undefined && { Authorization: authorization }),
      },
      ...(body && { body }),
      timeoutMs,
      maxBytes: ENVELOPE_BYTES + values * VALUE_BYTES,
    } as const;
    const report = circuit.enter();
    let outcome: Outcome = 'unknown';
    try {
      const answer = await exchange(this.#agent, target, request, signal);
      outcome = answer.status >= 500 && answer.status !== 501 ? 'failed' : 'answered';
      return answer;
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      outcome = 'failed';
      return error;
    } finally {
      report(outcome);
    }
  }

  /** A random part of a time that doubles, so that many clients do not come back at once. */
  async #backOff(attempt: number, signal: AbortSignal): Promise<void> {
    const longest = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** attempt);
    await sleep(longest * Math.random(), undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }

  #failure(answer: HttpAnswer | ExchangeError): DomainError {
    if (answer instanceof ExchangeError) {
      this.#log(answer.message);
      if (answer.kind === 'timeout') {
        const { timeoutMs } = this.options;
        return new ExternalModelTimeoutError(
          `The server behind this model did not answer within ${timeoutMs} ms.`,
          timeoutMs,
        );
      }
      if (answer.kind === 'network') {
        return new ExternalModelUnavailableError(
          `The server behind this model could not be reached (${answer.message}).`,
          1,
        );
      }
      return new ExternalModelError(`The server behind this model sent ${answer.message}.`);
    }
    const { status, headers, body } = answer;
    this.#log(`answered ${status}`, body);
    if ([429, 502, 503].includes(status)) {
      return new ExternalModelUnavailableError(
        'The server behind this model cannot answer for now.',
        retryAfter(headers['retry-after']),
      );
    }
    if (status === 504) {
      return new ExternalModelTimeoutError(
        'The server behind this model ran out of time.',
        this.options.timeoutMs,
      );
    }
    if (REFUSALS.includes(status)) {
      const why = this.explain(parseJson(body)) ?? 'The log has what it said.';
      return new ExternalModelRefusalError(
        `The server behind this model refused the request (${status}). ${why}`,
      );
    }
    const what = status >= 300 && status < 400 ? 'a redirect, which is not followed' : `status ${status}`;
    return new ExternalModelError(`The server behind this model answered with ${what}.`);
  }

  #log(reason: string, body?: Buffer): void {
    const { label, url } = this.options;
    const answer = body?.toString('utf8', 0, LOGGED_CHARACTERS);
    this.logger.warn(
      { model: label, host: url.host, reason, ...(answer && { answer }) },
      'A remote model failed.',
    );
  }
}

/** Undefined for what is none. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function retryAfter(header: string | undefined): number {
  const seconds = /^\d{1,6}$/.test(header ?? '') ? Number(header) : 1;
  return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_SECONDS);
}
