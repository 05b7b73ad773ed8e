import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { IdempotencyKeyReusedError } from '../jobs/engine-errors.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { ModelRegistry } from '../models/model-registry.js';
import type { Model, Variable } from '../models/model.js';
import { requireIndices } from '../predict/check-inputs.js';
import type { Manifest } from '../repository/manifest.js';
import { NotLatestError, writing } from '../repository/repository-errors.js';
import { RepositoryService } from '../repository/repository.service.js';
import { digestsOf, type Observations, sha256 } from './observations.js';

/** Other processes that observe the same model are waited for so often, each time by so much longer. */
const MOST_ATTEMPTS = 20;
const PAUSE_MS = 5;

export interface ObservedVersion {
  readonly entry: ReadyEntry;
  /** False where the same request had made it before. */
  readonly isNew: boolean;
}

/** Adds observations to the latest version of a model, one request after another, so that none are lost. */
@Injectable()
export class ObserveService {
  /** Name of a model to the last of the requests that wait for it. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(
    private readonly registry: ModelRegistry,
    private readonly repository: RepositoryService,
  ) {}

  /** The version that observations are added to. Throws ReadOnlyError, ModelNotFoundError, ModelNotLoadedError. */
  async latest(name: string): Promise<ReadyEntry> {
    this.repository.requireWritable(name);
    await this.registry.find(name);
    return this.registry.ready(name, this.registry.latest(name)?.version);
  }

  /**
   * Makes a version of the latest one and the observations. The same `key` again gives the version that it made, for as
   * long as that is there.
   * Throws MethodNotSupportedError, ObservationsRefusedError, InvalidInputError for an output index that does not exist,
   * NotLatestError where `baseVersion` is not the latest, IdempotencyKeyReusedError, and what the repository throws.
   */
  observe(
    name: string,
    observations: Observations,
    key?: string,
    signal?: AbortSignal,
  ): Promise<ObservedVersion> {
    return this.#inTurn(name, async () => {
      for (let attempt = 1; ; attempt++) {
        const made = key === undefined ? undefined : await this.#madeBefore(name, key, observations);
        if (made) return { entry: made, isNew: false };
        try {
          return await this.#attempt(name, observations, key, signal);
        } catch (error) {
          const isOvertaken = error instanceof NotLatestError && observations.baseVersion === undefined;
          if (!isOvertaken || attempt === MOST_ATTEMPTS) throw error;
          await sleep(PAUSE_MS * attempt);
          signal?.throwIfAborted();
        }
      }
    });
  }

  async #attempt(
    name: string,
    observations: Observations,
    key: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ObservedVersion> {
    const { X, Y, baseVersion, alias } = observations;
    const base = await this.latest(name);
    if (baseVersion !== undefined) {
      const { version } = await this.registry.find(name, baseVersion);
      if (version !== base.version) throw new NotLatestError(name, version, base.version);
    }
    requireIndices(base.inputs, X);
    const { data, request } = digestsOf(observations);
    const observed = {
      parentSha256: base.file.sha256,
      points: X.rows,
      dataSha256: data,
      ...(key !== undefined && { keySha256: sha256(key), requestSha256: request }),
    };
    const made = await base.model.use(async (model) => {
      const extended = await model.observe(X, Y, signal);
      try {
        return { content: await extended.save({ observed }), manifest: manifestOf(base, model) };
      } finally {
        extended.release();
      }
    });
    const { content, manifest } = made;
    return writing(
      this.repository.add(name, {
        content,
        extension: '.safetensors',
        after: base.version,
        ...(manifest && { manifest }),
        ...(alias !== undefined && { alias }),
      }),
    );
  }

  /** The version that a request with this key made. Throws IdempotencyKeyReusedError where it was another request. */
  async #madeBefore(name: string, key: string, observations: Observations): Promise<ReadyEntry | undefined> {
    const keySha256 = sha256(key);
    for (const found of this.registry.versions(name)) {
      const entry = found.state === 'unloaded' ? await found.load() : found;
      const observed = entry.state === 'ready' ? entry.description.provenance?.observed : undefined;
      if (entry.state !== 'ready' || observed?.keySha256 !== keySha256) continue;
      if (observed.requestSha256 !== digestsOf(observations).request) throw new IdempotencyKeyReusedError();
      return entry;
    }
    return undefined;
  }

  /** After all that was asked of this model before. */
  async #inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const run = (this.#last.get(name) ?? Promise.resolve()).then(work);
    const settled = run.catch(() => undefined);
    this.#last.set(name, settled);
    try {
      return await run;
    } finally {
      if (this.#last.get(name) === settled) this.#last.delete(name);
    }
  }
}

/** What `model.json` says of the base and still holds: all but its checks. Undefined where it says nothing. */
function manifestOf({ about, inputs, outputs }: ReadyEntry, model: Model): Manifest | undefined {
  const names = {
    ...(differ(inputs, model.inputs) && { inputs: inputs.map(describedOf) }),
    ...(differ(outputs, model.outputs) && { outputs: outputs.map(describedOf) }),
  };
  return Object.keys({ ...about, ...names }).length === 0 ? undefined : { ...about, ...names };
}

function differ(a: readonly Variable[], b: readonly Variable[]): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

/** `kind` is the model's to say. */
function describedOf({ kind: _kind, ...described }: Variable): Omit<Variable, 'kind'> {
  return described;
}
