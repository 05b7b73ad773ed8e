import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { npyBytes } from '../common/media/npy.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import { VERSION } from '../common/version.js';
import { reviveMatrices } from '../models/cloned.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { ModelRegistry } from '../models/model-registry.js';
import type {
  PlainValue,
  TrainedModel,
  Trainer,
  TrainingContext,
  TrainingData,
  TrainingSettings,
} from '../models/trainer.js';
import { RepositoryService } from '../repository/repository.service.js';
import type { DataFormat } from './data/data-format.js';
import { dataWarnings, requireLearnable } from './data/inspect-data.js';
import { readDataTask } from './data/read-data.task.js';
import { NotTrainableError } from './train-errors.js';
import { readTarget, requireKnown, type TrainTarget } from './train-request.js';

/** A training that can begin: everything about it has been checked. */
export interface PreparedTraining {
  readonly target: TrainTarget;
  readonly settings: TrainingSettings;
  readonly data: TrainingData;
}

/** Where a training is done. */
export interface Workshop extends Pick<TrainingContext, 'signal' | 'log'> {
  /** As `TrainingContext.share`: once for each round of the training, the first being 0. */
  readonly share: (
    pieces: readonly PlainValue[],
    options: { readonly round: number; readonly onProgress: (done: number) => void },
  ) => Promise<readonly PlainValue[]>;
  /** So many pieces of the work are done, of as many as there will be at most. */
  readonly progress: (done: number, total: number) => void;
}

/** Makes models of data, with the trainer of a model type. Knows neither requests nor jobs. */
@Injectable()
export class TrainingService {
  constructor(
    private readonly config: Config,
    private readonly pool: WorkerPool,
    private readonly registry: ModelRegistry,
    private readonly repository: RepositoryService,
  ) {}

  /** `body` must not be used afterwards. Throws InvalidInputError with everything that is wrong, and other DomainErrors. */
  async prepare(
    format: DataFormat,
    body: Buffer,
    given: Readonly<Record<string, unknown>>,
  ): Promise<PreparedTraining> {
    const input = { format, body, settings: given, maxBytes: this.config.maxBodyBytes };
    const read = reviveMatrices(await this.pool.run(readDataTask, input));
    const { target, settings } = readTarget(read.settings);
    const trainer = this.trainer(target.type);
    requireKnown(settings, Object.keys(trainer.settings));
    requireLearnable(read.data);
    return { target, settings: await trainer.check(settings, read.data), data: read.data };
  }

  /** Throws NotTrainableError. */
  trainer(type: string): Trainer {
    const trainer = this.registry.types.find(({ name }) => name === type)?.trainer;
    if (trainer) return trainer;
    const trainable = this.registry.types.flatMap(({ name, trainer: has }) => (has ? [name] : []));
    throw new NotTrainableError(type, trainable);
  }

  async train({ target, settings, data }: PreparedTraining, workshop: Workshop): Promise<TrainedModel> {
    const provenance = {
      library: 'Kriged',
      versions: { Kriged: VERSION },
      dataSha256: digestOf(data),
      training: settings,
    };
    const trainer = this.trainer(target.type);
    const trained = await trainer.train(data, settings, provenance, contextOf(workshop));
    return { ...trained, warnings: [...dataWarnings(data), ...trained.warnings] };
  }

  /** The new version, once it has passed its load gate; that of before where it has the same bytes. */
  async commit({ name, alias }: TrainTarget, { content, extension }: TrainedModel): Promise<ReadyEntry> {
    const { entry } = await this.repository.add(name, {
      content,
      extension,
      ...(alias !== undefined && { alias }),
    });
    return entry;
  }

  /** Throws ReadOnlyError, or BadNameError for a name that a model cannot have. */
  requireWritable({ name, alias }: TrainTarget): void {
    this.repository.requireWritable(name, alias);
  }

  /** All pieces on this machine, as many at a time as leave a thread for requests. */
  shareHere({ target, settings, data }: PreparedTraining, signal: AbortSignal): Workshop['share'] {
    const trainer = this.trainer(target.type);
    return async (pieces, { onProgress }) => {
      const results: PlainValue[] = [];
      let next = 0;
      let done = 0;
      const work = async (): Promise<void> => {
        while (next < pieces.length) {
          const at = next++;
          results[at] = await trainer.work(data, settings, pieces[at], signal);
          onProgress(++done);
        }
      };
      await Promise.all(Array.from({ length: atATime(this.pool.threads) }, work));
      return results;
    };
  }
}

/** Counts the pieces of all rounds. */
function contextOf({ signal, log, share, progress }: Workshop): TrainingContext {
  let round = 0;
  let ended = 0;
  return {
    signal,
    log,
    share: async (pieces, ahead = 0) => {
      const before = ended;
      ended += pieces.length;
      const total = ended + ahead;
      progress(before, total);
      return share(pieces, { round: round++, onProgress: (done) => progress(before + done, total) });
    },
  };
}

/** Searches that run at the same time: with one thread less, large predictions need not wait for the end of one. */
export function atATime(threads: number): number {
  return Math.max(1, threads - 1);
}

/** SHA-256 of all inputs, then all outputs, row by row, as little-endian doubles. */
function digestOf({ X, Y }: TrainingData): string {
  const hash = createHash('sha256');
  for (const { data } of [X, Y]) hash.update(npyBytes(data));
  return hash.digest('hex');
}
