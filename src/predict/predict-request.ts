import type { IncomingMessage } from 'node:http';
import { parse as parseForm } from 'node:querystring';
import { detectBody, detectFile, type FileFormat } from '../common/media/detect.js';
import { InvalidInputError } from '../common/media/issue.js';
import { readQueryRow } from '../common/media/query-rows.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { FILE_FIELD } from './body.middleware.js';
import { OPTION_NAMES } from './option-table.js';
import { readOptions, unknownOption } from './options.js';
import type { PredictOptionsDto } from './predict-options.dto.js';
import { UnsupportedMediaTypeError } from './predict-errors.js';
import type { RowsReader } from './rows-reader.js';

/** What a client asks: rows in the order of the model's inputs, and options. */
export interface PredictRequest {
  /** N x d */
  readonly X: Matrix;
  readonly options: PredictOptionsDto;
}

type Parameters = Readonly<Record<string, unknown>>;

/** Makes the signal that the client has gone; only long work asks for it. */
export type Gone = () => AbortSignal;

/** What readers of requests make of a POST. */
export interface PostedRows {
  readonly contentType: string | undefined;
  readonly query: Parameters;
  /** Bytes; of a multipart form, its fields. */
  readonly body: unknown;
  /** Of a multipart form. */
  readonly file?:
    { readonly originalname: string; readonly mimetype: string; readonly buffer: Buffer } | undefined;
  /** The request itself, where its body has not been read. */
  readonly stream?: IncomingMessage | undefined;
  readonly gone: Gone;
}

/** `GET /predict?x1=0.5&x2=0.7&quantiles=2.5,97.5`: one row and the options. A name that is both is an input. */
export function readQueryRequest(query: Parameters, inputs: readonly string[]): PredictRequest {
  const X = readQueryRow(query, inputs, OPTION_NAMES);
  const rest = Object.entries(query).filter(([name]) => !inputs.includes(name));
  return { X, options: readOptions(Object.fromEntries(rest), undefined) };
}

/** A POST: rows in the body, options in the query, in the form's other fields, or in the JSON body's `options`. */
export async function readBodyRequest(
  { contentType, query, body: posted, file, stream, gone }: PostedRows,
  inputs: readonly string[],
  reader: RowsReader,
): Promise<PredictRequest> {
  if (contentType !== undefined && /^multipart\/form-data\b/i.test(contentType)) {
    const fields = posted as Parameters | undefined;
    if (!file) throw missingFile(fields);
    const format = detectFile(file.originalname, file.mimetype, file.buffer.subarray(0, 1024));
    if (!format) throw new UnsupportedMediaTypeError(`a form whose file is ${file.mimetype}`);
    return readRows(reader, format, file.buffer, inputs, gone, { ...query, ...fields });
  }

  // What the BodyMiddleware left to be read from the stream.
  if (stream !== undefined) {
    requireOptionNames(query);
    const X = await reader.readStream(stream, inputs, gone);
    return { X, options: readOptions(query, undefined) };
  }

  const body = Buffer.isBuffer(posted) ? posted : Buffer.alloc(0);
  const format = detectBody(contentType, body);
  if (!format) throw new UnsupportedMediaTypeError(contentType ?? 'of no type');
  if (format !== 'form') return readRows(reader, format, body, inputs, gone, query);
  const fields = parseForm(body.toString('utf8'), '&', '=', { maxKeys: 0 });
  return readQueryRequest({ ...query, ...fields }, inputs);
}

async function readRows(
  reader: RowsReader,
  format: FileFormat,
  body: Buffer,
  inputs: readonly string[],
  gone: Gone,
  parameters: Parameters,
): Promise<PredictRequest> {
  requireOptionNames(parameters);
  const { X, options } = await reader.read(format, body, inputs, gone);
  return { X, options: readOptions(parameters, options) };
}

function requireOptionNames(parameters: Parameters): void {
  const unknown = Object.keys(parameters).filter((name) => !(OPTION_NAMES as string[]).includes(name));
  if (unknown.length > 0) {
    throw new InvalidInputError(unknown.map((name) => unknownOption(name, name, parameters[name])));
  }
}

/** The error for a multipart form without rows. */
export function missingFile(fields: Parameters | undefined): InvalidInputError {
  const names = Object.keys(fields ?? {});
  const received = names.length === 0 ? 'an empty form' : `only the fields ${names.slice(0, 8).join(', ')}`;
  const expected = `a file in the field "${FILE_FIELD}"`;
  return new InvalidInputError([
    { path: FILE_FIELD, received, expected, message: `The form has ${received}, expected ${expected}.` },
  ]);
}
