import { Injectable } from '@nestjs/common';
import { type ArtifactReference, ArtifactStore } from '../artifacts/artifact-store.js';
import { readNpz, writeNpz } from '../common/media/npz.js';
import type { Json } from '../jobs/job.js';
import type { TrainingData, TrainingSettings } from '../models/trainer.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { readAll } from './data-receiver.js';
import type { TrainTarget } from './train-request.js';
import type { PreparedTraining } from './training.service.js';

const NPZ = 'application/x-npz';

/** A training as the request of a job: its data lie in the artifact store. */
export interface StoredTraining {
  readonly target: TrainTarget;
  readonly settings: TrainingSettings;
  readonly data: {
    readonly artifact: ArtifactReference;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  };
}

/** Puts trainings where their jobs find them, whatever process runs these. */
@Injectable()
export class TrainingStore {
  /** The pieces of one training come one after another: its data are read once. */
  #latest: { readonly key: string; readonly data: Promise<TrainingData> } | undefined;

  constructor(private readonly artifacts: ArtifactStore) {}

  async put(key: string, { target, settings, data }: PreparedTraining): Promise<StoredTraining> {
    const { X, Y, inputs, outputs } = data;
    const content = writeNpz({
      X: { shape: [X.rows, X.cols], data: X.data },
      y: { shape: [Y.rows, Y.cols], data: Y.data },
    });
    const artifact = await this.artifacts.put(key, content, { mediaType: NPZ });
    return { target, settings, data: { artifact, inputs, outputs } };
  }

  /** The training of a job's request. Throws ArtifactNotFoundError. */
  async get(request: Json): Promise<PreparedTraining> {
    const { target, settings, data } = request as unknown as StoredTraining;
    const { key } = data.artifact;
    if (this.#latest?.key !== key) {
      const reading = this.#read(data);
      this.#latest = { key, data: reading };
      reading.catch(() => (this.#latest = undefined));
    }
    return { target, settings, data: await this.#latest.data };
  }

  async #read({ artifact, inputs, outputs }: StoredTraining['data']): Promise<TrainingData> {
    const arrays = readNpz(await readAll(await this.artifacts.read(artifact.key)), { maxBytes: Infinity });
    const [X, Y] = ['X', 'y'].map((name) => {
      const { shape, data } = arrays.get(name) as NonNullable<ReturnType<typeof arrays.get>>;
      return new Matrix(shape[0], shape[1], data);
    });
    return { X, Y, inputs, outputs };
  }
}
