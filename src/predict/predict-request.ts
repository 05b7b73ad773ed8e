import { parse as parseForm } from 'node:querystring';
import type { Request } from 'express';
import { readCsvRows } from '../common/media/csv-rows.js';
import { detectBody, detectFile, type FileFormat } from '../common/media/detect.js';
import { InvalidInputError } from '../common/media/issue.js';
import { readJsonRows } from '../common/media/json-rows.js';
import { readNpy } from '../common/media/npy.js';
import { npyToRows, npzToRows } from '../common/media/array-rows.js';
import { readNpz } from '../common/media/npz.js';
import { readQueryRow } from '../common/media/query-rows.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { FILE_FIELD } from './body.middleware.js';
import { OPTION_NAMES, readOptions, unknownOption } from './options.js';
import type { PredictOptionsDto } from './predict-options.dto.js';
import { UnsupportedMediaTypeError } from './predict-errors.js';

/** What a client asks: rows in the order of the model's inputs, and options. */
export interface PredictRequest {
  /** N x d */
  readonly X: Matrix;
  readonly options: PredictOptionsDto;
}

type Parameters = Readonly<Record<string, unknown>>;

/** `GET /predict?x1=0.5&x2=0.7&quantiles=2.5,97.5`: one row and the options. A name that is both is an input. */
export function readQueryRequest(query: Parameters, inputs: readonly string[]): PredictRequest {
  const X = readQueryRow(query, inputs, OPTION_NAMES);
  const rest = Object.entries(query).filter(([name]) => !inputs.includes(name));
  return { X, options: readOptions(Object.fromEntries(rest), undefined) };
}

/** A POST: rows in the body, options in the query, in the form's other fields, or in the JSON body's `options`. */
export function readBodyRequest(
  request: Request,
  inputs: readonly string[],
  maxBytes: number,
): PredictRequest {
  const query = request.query as Parameters;
  const contentType = request.headers['content-type'];
  if (/^multipart\/form-data\b/i.test(contentType ?? '')) {
    const { file } = request;
    if (!file) throw missingFile(request.body as Parameters | undefined);
    const format = detectFile(file.originalname, file.mimetype, file.buffer.subarray(0, 1024));
    if (!format) throw new UnsupportedMediaTypeError(`a form whose file is ${file.mimetype}`);
    return readRows(format, file.buffer, inputs, { ...query, ...(request.body as Parameters) }, maxBytes);
  }

  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const format = detectBody(contentType, body);
  if (!format) throw new UnsupportedMediaTypeError(contentType ?? 'of no type');
  if (format !== 'form') return readRows(format, body, inputs, query, maxBytes);
  const fields = parseForm(body.toString('utf8'), '&', '=', { maxKeys: 0 });
  return readQueryRequest({ ...query, ...fields }, inputs);
}

function readRows(
  format: FileFormat,
  body: Buffer,
  inputs: readonly string[],
  parameters: Parameters,
  maxBytes: number,
): PredictRequest {
  requireOptionNames(parameters);
  if (format === 'json') {
    const { X, options } = readJsonRows(body, inputs);
    return { X, options: readOptions(parameters, options) };
  }
  const options = readOptions(parameters, undefined);
  if (format === 'csv') return { X: readCsvRows(body, inputs), options };
  if (format === 'npy') return { X: npyToRows(readNpy(body, Math.floor(maxBytes / 8)), inputs), options };
  return { X: npzToRows(readNpz(body, { maxBytes }), inputs), options };
}

function requireOptionNames(parameters: Parameters): void {
  const unknown = Object.entries(parameters).filter(([name]) => !(OPTION_NAMES as string[]).includes(name));
  if (unknown.length > 0) {
    throw new InvalidInputError(unknown.map(([name, value]) => unknownOption(name, name, value)));
  }
}

function missingFile(fields: Parameters | undefined): InvalidInputError {
  const names = Object.keys(fields ?? {});
  const received = names.length === 0 ? 'an empty form' : `only the fields ${names.slice(0, 8).join(', ')}`;
  const expected = `a file in the field "${FILE_FIELD}"`;
  return new InvalidInputError([
    { path: FILE_FIELD, received, expected, message: `The form has ${received}, expected ${expected}.` },
  ]);
}
