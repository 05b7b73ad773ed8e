import { applyDecorators, HttpCode } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  getSchemaPath,
} from '@nestjs/swagger';
import { MEDIA_TYPES } from '../common/media/negotiate.js';
import { ApiProblem } from '../common/openapi/api-problem.js';
import { JobDto } from '../jobs/job.dto.js';
import { OPTION_NAMES, OPTIONS } from './option-table.js';
import { PredictOptionsDto } from './predict-options.dto.js';
import { ValidationDto } from './validation.js';

/** The example request of the README, for the model that the project ships. */
const ROW = { x1: 0.51, x2: 0.76, x3: 0.94, x4: 0.72 };
const ROWS = [ROW, { x1: 0.1, x2: 0.2, x3: 0.3, x4: 0.4 }];
const MATRIX = ROWS.map((row) => Object.values(row));
const CSV = ['x1,x2,x3,x4', ...MATRIX.map((row) => row.join(','))].join('\n');

const ERRORS: readonly [status: number, description: string][] = [
  [400, 'The body or an option is wrong; `errors` lists each wrong field (INVALID_INPUT, MALFORMED_BODY).'],
  [404, 'There is no such model or version, or no default model (MODEL_NOT_FOUND, NO_DEFAULT_MODEL, ...).'],
  [406, 'Accept asks for a type that is not written (NOT_ACCEPTABLE).'],
  [409, 'The model file could not be loaded; the answer says why (MODEL_NOT_LOADED).'],
  [413, 'The body or the answer is too large (BODY_TOO_LARGE, RESULT_TOO_LARGE).'],
  [
    422,
    'With `domain=strict`, a row lies outside the domain; `errors` lists each value (OUTSIDE_DOMAIN). Or the model is not defined at the inputs, or they overflow its arithmetic (RESULT_NOT_FINITE, ...), or the server behind the model does not take them (EXTERNAL_MODEL_REFUSED).',
  ],
  [431, 'The address and the headers are too large together (HEADERS_TOO_LARGE).'],
  [501, 'This type of model cannot do what an option asks for (SAMPLE_NOT_SUPPORTED, ...).'],
  [502, 'The solver or server behind the model failed (EXTERNAL_MODEL_FAILED).'],
  [503, 'It cannot be asked for now; Retry-After says when (EXTERNAL_MODEL_UNAVAILABLE).'],
  [504, 'It did not answer in time (EXTERNAL_MODEL_TIMEOUT).'],
];
const MEDIA_TYPE_ERROR = [415, 'The body is of a type that is not read (UNSUPPORTED_MEDIA_TYPE).'] as const;

const NUMBERS = {
  description: 'One row: a number (an array of p for p outputs). N rows: an array with one such entry a row.',
  oneOf: [{ type: 'number' }, { type: 'array', items: {} }],
};

const MODEL_IDENTITY = {
  name: { type: 'string' },
  version: { type: 'string' },
  sha256: { type: 'string', description: "Of the model's file, hexadecimal." },
  type: { type: 'string', example: 'gpr' },
};

export const PREDICTION = {
  type: 'object',
  required: ['mean'],
  properties: {
    mean: {
      ...NUMBERS,
      description: `Mean of the prediction, in the unit of the output. ${NUMBERS.description}`,
    },
    variance: {
      ...NUMBERS,
      description:
        'Variance of the observed output (noise included), in the squared unit of the output; left out where the model has none. As `mean`.',
    },
    latentVariance: { ...NUMBERS, description: 'Variance without the noise. As `mean`.' },
    quantiles: {
      type: 'object',
      additionalProperties: NUMBERS,
      description: 'By percentage: `{"2.5": ..., "97.5": ...}`, each as `mean`.',
    },
    credibleInterval: { type: 'object', properties: { lower: NUMBERS, upper: NUMBERS } },
    meanGradient: {
      type: 'array',
      items: {},
      description: 'One number an input; several rows: one such array a row.',
    },
    varianceGradient: {
      type: 'array',
      items: {},
      description: 'Of the latent variance, where the model has one. As `meanGradient`.',
    },
    covariance: {
      type: 'array',
      items: {},
      description: 'N x N (with several outputs: one such matrix an output).',
    },
    samples: { type: 'array', items: {}, description: 'One entry a draw, each as `mean`.' },
    domain: {
      type: 'object',
      required: ['inside', 'outside'],
      description:
        'With `trust`. An input is inside from the least to the greatest of its training data (of a sparse model: of its inducing points), and within its bounds `lower` and `upper`, where it has some (see `GET /models/<name>`).',
      properties: {
        inside: {
          description:
            'Whether all inputs of the row are inside, as far as their ranges are known; null where none is. Several rows: an array.',
        },
        outside: {
          type: 'array',
          items: {},
          description: 'Names of the inputs that are outside. Several rows: one such array a row.',
        },
        nearestDistance: {
          description:
            'Distance to the nearest training (or inducing) point, each input in units of the smallest lengthscale that a stationary kernel has for it, or else of its training range. Left out where the model does not know its data. Several rows: an array.',
        },
      },
    },
    relativeVariance: {
      description:
        'With `trust`: latent variance / prior variance, from 0 (known) to 1 (nothing known), where the model can tell and `meanOnly` is not asked for. Several rows: an array.',
    },
    model: {
      type: 'object',
      required: ['name', 'version', 'sha256', 'type'],
      description: 'With `trust`: the version that answered.',
      properties: MODEL_IDENTITY,
    },
    warnings: {
      type: 'array',
      description:
        'Only where there is one. VARIANCE_AT_ROUNDING: more than a tenth of a variance may be wrong.',
      items: {
        type: 'object',
        required: ['code', 'rows', 'message'],
        properties: {
          code: { type: 'string', enum: ['VARIANCE_AT_ROUNDING'] },
          rows: { type: 'array', items: { type: 'integer' }, description: 'Counted from 0.' },
          message: { type: 'string' },
        },
      },
    },
  },
};

const COLUMNS =
  'Columns `mean`, `variance` (where the model has one) and, where asked for, `latent_variance`, `quantile_2.5`, `lower`, `upper`, `mean_gradient_x1`, `variance_gradient_x1`, `covariance_1`, `sample_1`, ...; with several outputs each ends in `_<output>`. With `trust`, also `inside` (1 or 0), `nearest_distance` and `relative_variance`, as far as they are known.';

function ApiAnswers(errors: readonly (readonly [number, string])[]): MethodDecorator {
  return applyDecorators(
    ApiProduces(...Object.values(MEDIA_TYPES)),
    ApiOkResponse({
      description: 'The prediction, in the format that Accept asks for (JSON if nothing).',
      headers: {
        'Kriged-Model': {
          schema: { type: 'string', example: `example/1; sha256=${'0'.repeat(64)}` },
          description: 'The version that answered, `<name>/<version>`, and the SHA-256 of its file.',
        },
        'Kriged-Warning': {
          schema: { type: 'string', example: 'VARIANCE_AT_ROUNDING; count=2; rows="0 7"' },
          description:
            'Answers other than JSON: its `warnings`, with the first 50 rows. Absent where there are none.',
        },
      },
      content: {
        [MEDIA_TYPES.json]: { schema: PREDICTION },
        [MEDIA_TYPES.csv]: { schema: { type: 'string', description: COLUMNS } },
        [MEDIA_TYPES.npy]: {
          schema: { type: 'string', format: 'binary', description: `Float64, N x columns. ${COLUMNS}` },
        },
        [MEDIA_TYPES.npz]: {
          schema: { type: 'string', format: 'binary', description: `One array of N a column. ${COLUMNS}` },
        },
      },
    }),
    ...errors.map(([status, description]) => ApiProblem(status, description)),
    ApiExtraModels(PredictOptionsDto),
  );
}

const file = { type: 'string', format: 'binary' };

/** Bodies that are files. */
export const FILES = {
  'multipart/form-data': {
    schema: {
      type: 'object',
      required: ['file'],
      properties: { file: { ...file, description: 'A .csv, .json, .npy or .npz file.' } },
    },
  },
  'application/x-npy': {
    schema: { ...file, description: 'An array N x d, or any shape whose last axis is d.' },
  },
  'application/x-npz': {
    schema: {
      ...file,
      description: 'One array as above, or one array of any shape an input (a mesh).',
    },
  },
};

/** The request that predicting by POST takes, and validating. */
function ApiRows(summary: string, description: string): MethodDecorator {
  const row = { type: 'object', additionalProperties: { type: 'number' } };
  const options = { $ref: getSchemaPath(PredictOptionsDto) };
  const rows = {
    type: 'array',
    minItems: 1,
    items: { oneOf: [row, { type: 'array', items: { type: 'number' } }] },
  };
  return applyDecorators(
    HttpCode(200),
    ApiOperation({
      summary,
      description,
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              oneOf: [
                { ...row, additionalProperties: { oneOf: [{ type: 'number' }, options] } },
                rows,
                { type: 'object', required: ['inputs'], properties: { inputs: rows, options } },
              ],
            },
            examples: {
              'one row': { value: ROW },
              'several rows': { value: ROWS },
              'a matrix, with options': {
                value: { inputs: MATRIX, options: { quantiles: [2.5, 97.5], gradients: true } },
              },
            },
          },
          'text/csv': { schema: { type: 'string' }, example: CSV },
          'application/x-www-form-urlencoded': {
            schema: { ...row, description: 'One row; options are fields as well.' },
            example: ROW,
          },
          ...FILES,
        },
      },
    }),
    ...optionQueries(),
  );
}

export function ApiPredictByPost(what: string): MethodDecorator {
  return applyDecorators(
    ApiRows(
      `Predict rows with ${what}`,
      'Names of the inputs are those of `GET /models/<name>`, in any order. One row is answered with numbers, several rows with arrays, one entry a row. What else to return is asked for in the query or in `options`.',
    ),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description:
        '`respond-async`: the prediction becomes a job, and this is answered at once (202, `Location`). `respond-async, wait=5`: waits up to 5 seconds (60 at most) for it, and answers as usual if it is done; what is estimated to take less than JOBS_SYNC_LIMIT seconds is then computed without a job. A job is asked for as those of `POST /batch` are: `Idempotency-Key`, `priority`, ...',
      schema: { type: 'string', example: 'respond-async, wait=5' },
    }),
    ApiExtraModels(JobDto),
    ApiAcceptedResponse({
      headers: ACCEPTED_HEADERS,
      description: 'With `Prefer: respond-async`: the job that predicts.',
      content: { [MEDIA_TYPES.json]: { schema: { $ref: getSchemaPath(JobDto) } } },
    }),
    ApiAnswers([...ERRORS, MEDIA_TYPE_ERROR]),
  );
}

const ACCEPTED_HEADERS = {
  Location: {
    description: 'The address of the job; its result is at `<Location>/result`.',
    schema: { type: 'string' as const },
  },
  'Preference-Applied': { description: 'What of `Prefer` was done.', schema: { type: 'string' as const } },
};

export function ApiValidate(what: string): MethodDecorator {
  return applyDecorators(
    ApiRows(
      `Check what predicting with ${what} would say to rows, without computing`,
      'Takes what `POST /predict` takes, and refuses what that would refuse; only what the computation itself shows (RESULT_NOT_FINITE, EXTERNAL_MODEL_...) is left out.',
    ),
    ApiExtraModels(PredictOptionsDto),
    ApiOkResponse({ type: ValidationDto, description: 'The rows and options can be predicted.' }),
    ...[...ERRORS, MEDIA_TYPE_ERROR].map(([status, description]) => ApiProblem(status, description)),
  );
}

export function ApiPredictByGet(what: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: `Predict one row with ${what}`,
      description: 'Each input is a parameter of the query: `?x1=0.51&x2=0.76&x3=0.94&x4=0.72`.',
    }),
    ApiQuery({
      name: 'inputs',
      required: true,
      style: 'form',
      explode: true,
      schema: { type: 'object', additionalProperties: { type: 'number' }, example: ROW },
      description: "The inputs, one parameter each, under the model's own names.",
    }),
    ...optionQueries(),
    ApiAnswers(ERRORS),
  );
}

/** Each option as a parameter of its own, none of them filled in. */
export function optionQueries(): MethodDecorator[] {
  return OPTION_NAMES.map((name) => {
    const { schema, description } = OPTIONS[name];
    return ApiQuery({
      name,
      required: false,
      style: 'form',
      explode: false,
      schema: structuredClone<object>(schema),
      description,
    });
  });
}
