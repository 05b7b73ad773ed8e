import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Answer } from '../../common/http/answer.js';
import { DomainError } from '../../common/errors/domain-error.js';
import type { StreamedAnswer } from '../../common/http/send-stream.js';
import { negotiate, type ResponseFormat } from '../../common/media/negotiate.js';
import { modelHeaderOf } from '../model-identity.js';
import { NotAcceptableError } from '../predict-errors.js';
import { varianceAtRounding, warningHeader } from '../prediction-warnings.js';
import { CONTENT_TYPES, PredictionWriter } from '../prediction-writer.js';
import type { PredictionResult } from './prediction-result.js';
import { streamedBytes, streamedLength, streamResult } from './stream-result.js';

/** A result of so many bytes is put together in memory. */
const WHOLE_BYTES = 2 ** 20;

/** With room for the headers. */
const NPZ_BYTES = 2 ** 32 - 2 ** 20;

class NpzTooLargeError extends DomainError {
  readonly kind = 'not-acceptable';
  readonly code = 'NPZ_TOO_LARGE';

  constructor() {
    super('The result is too large for an npz file, which holds 4 GiB: ask for npy, CSV or JSON.');
  }
}

/** Makes the answer of a finished prediction, with the bytes that it would have had without a job. */
@Injectable()
export class ResultWriter {
  constructor(private readonly writer: PredictionWriter) {}

  /** Throws NotAcceptableError, ArtifactNotFoundError. */
  async write(result: PredictionResult, accept: string | undefined): Promise<Answer | StreamedAnswer> {
    const format = negotiate(accept);
    if (!format) throw new NotAcceptableError(accept ?? '');
    const { summary, inputs, outputs } = result;
    const { model, rows, squeeze, parts } = summary;
    const header = modelHeaderOf(model);
    // What is joint is a single part, and was in memory before.
    if (parts === 1 || rows === 1 || result.bytes <= WHOLE_BYTES) {
      const prediction = await result.whole();
      return this.writer.write({ format, prediction, inputs, outputs, squeeze }, header);
    }
    if (format === 'npz' && streamedBytes(result) > NPZ_BYTES) throw new NpzTooLargeError();
    const byteLength = streamedLength(result, format);
    return {
      status: 200,
      headers: { 'Content-Type': CONTENT_TYPES[format], 'Kriged-Model': header, ...warnings(result, format) },
      body: Readable.from(streamResult(result, format), { objectMode: false }),
      ...(byteLength !== undefined && { byteLength }),
    };
  }
}

function warnings({ summary }: PredictionResult, format: ResponseFormat): Record<string, string> {
  const { count, first } = summary.atRounding;
  if (format === 'json' || count === 0) return {};
  return { 'Kriged-Warning': warningHeader(varianceAtRounding(first), count) };
}
