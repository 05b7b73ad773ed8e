import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ApiProblem } from '../common/openapi/api-problem.js';
import { ApiMakesJob } from '../jobs/jobs.openapi.js';
import { DEFAULT_NAME } from './train-request.js';

const NAMES = { type: 'array', items: { type: 'string' } };
const ROWS = { type: 'array', items: { type: 'array', items: { type: 'number' } } };

const COMMON = {
  name: {
    type: 'string',
    default: DEFAULT_NAME,
    description: 'The model that gets a new version; it need not be there yet.',
  },
  alias: { type: 'string', description: 'Alias that moves to the new version, such as `production`.' },
  type: { type: 'string', default: 'gpr', description: 'Model type.' },
  target: {
    ...NAMES,
    description: 'Columns that are outputs, where columns have names; by default the last.',
  },
  inputNames: { ...NAMES, description: 'Which columns are inputs, or what the inputs are called.' },
  outputNames: { ...NAMES, description: 'What the outputs are called.' },
};

/** Those of Gaussian processes, in short: docs/training.md has them all. */
const SETTINGS = {
  kernel: {
    type: 'string',
    default: 'rbf(ard)',
    example: 'matern52(ard) + linear',
    description: 'Kernel expression, or `auto`: several are tried.',
  },
  mean: { type: 'string', enum: ['zero', 'constant', 'linear'], default: 'zero' },
  normalize: { type: 'boolean', default: true, description: 'Whether outputs are standardised first.' },
  noise: {
    description:
      'Noise variance in squared units of the output: `free`, a number (0 for a deterministic simulator), or one number a data point.',
    oneOf: [
      { type: 'string', enum: ['free'] },
      { type: 'number', minimum: 0 },
      { type: 'array', items: { type: 'number', minimum: 0 } },
    ],
  },
  restarts: { type: 'integer', minimum: 1, maximum: 200, description: 'Starting points of the search.' },
  seed: { type: 'integer', minimum: 0, default: 0, description: 'Of the random starting points.' },
  bounds: {
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 },
    example: { lengthscale: [0.01, 100] },
    description: 'Lower and upper bound of hyperparameters.',
  },
  priors: { type: 'object', description: 'Prior densities of hyperparameters: log-normal or gamma.' },
  maxPoints: {
    type: 'integer',
    minimum: 2,
    default: 5000,
    description: 'Most data points of an exact model.',
  },
  inducing: {
    type: 'integer',
    minimum: 2,
    maximum: 2000,
    description: 'Inducing points of a sparse model; by itself above `maxPoints` rows.',
  },
};

const JSON_SCHEMA = {
  type: 'object',
  example: { inputs: [[0, 1], [0.5, 2], [1, 4]], outputs: [1.2, 1.9, 4.1], kernel: 'rbf(ard)', seed: 1 }, // prettier-ignore
  properties: {
    inputs: { ...ROWS, description: 'One row a data point; or an array of objects.' },
    outputs: { type: 'array', items: {}, description: 'One number a data point, or one array of p numbers.' },
    data: {
      type: 'array',
      items: { type: 'object' },
      description: 'Instead of both: rows of named numbers.',
    },
    ...COMMON,
    ...SETTINGS,
  },
};

const FORM_SCHEMA = {
  type: 'object',
  required: ['file'],
  properties: {
    file: { type: 'string', format: 'binary', description: 'CSV, npy, npz, Parquet or JSON.' },
    ...COMMON,
    ...SETTINGS,
  },
};

const BINARY = { schema: { type: 'string', format: 'binary' } };
const { example: EXAMPLE, ...JSON_DATA } = JSON_SCHEMA;

const DATA = {
  'application/json': { schema: JSON_DATA, example: EXAMPLE },
  'multipart/form-data': { schema: FORM_SCHEMA },
  'text/csv': { schema: { type: 'string' }, example: 'a,b,y\n0,1,1.2\n0.5,2,1.9\n1,4,4.1\n' },
  'application/x-npy': BINARY,
  'application/x-npz': BINARY,
  'application/vnd.apache.parquet': BINARY,
};

export function ApiTrain(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Train a model',
      description:
        'Finds the hyperparameters of a Gaussian process that maximise the marginal likelihood of the data (of a sparse model, its variational lower bound: `objective` is then `elbo`), and makes the result a new version of a model. Always a job: `GET /jobs/{id}/result` has `model`, `version`, `logMarginalLikelihood`, `hyperparameters`, `diagnostics` and `warnings`. The same data, settings and seed give the same file. Data may be a JSON document, a file in a form, or a raw body; settings then come in the form or in the query.',
      requestBody: { required: true, content: DATA },
    }),
    ApiMakesJob(),
    ApiProblem(
      400,
      'Data or settings are not in order, or there is nothing to learn from them (INVALID_INPUT, MALFORMED_BODY).',
    ),
    ApiProblem(403, 'The server does not let requests change models (READ_ONLY).'),
    ApiProblem(413, 'The data are too large (BODY_TOO_LARGE, ARTIFACT_TOO_LARGE).'),
    ApiProblem(415, 'Data of a kind that is not read (UNSUPPORTED_MEDIA_TYPE).'),
    ApiProblem(
      422,
      'More points than are trained on, or than there is memory for (TOO_MANY_POINTS), or an idempotency key that came with another request (IDEMPOTENCY_KEY_REUSED).',
    ),
  );
}
