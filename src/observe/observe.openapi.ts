import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
} from '@nestjs/swagger';
import { ApiProblem } from '../common/openapi/api-problem.js';
import { ModelDetailDto } from '../models/models.dto.js';

const DESCRIPTION =
  'Makes a new version of the latest one: the same kernel, hyperparameters, mean, noise and normaliser, with the rows added to the training data. By an extension of the Cholesky factor, in O(n² k) for k rows. For exact Gaussian processes with the same noise everywhere.';

const ROW = { x1: 0.51, x2: 0.76, x3: 0.94, x4: 0.72, y: 1.3 };
const CSV = 'x1,x2,x3,x4,y\n0.2,0.3,0.4,0.5,0.9\n';
const TABLE = {
  type: 'array',
  minItems: 1,
  items: {
    oneOf: [
      { type: 'array', items: { type: 'number' } },
      { type: 'object', additionalProperties: { type: 'number' } },
      { type: 'number' },
    ],
  },
};
const BASE_VERSION = 'The version that the client means: refused (409) where it is not the latest any more.';
const ALIAS = 'An alias to move to the new version.';
const SCHEMA = {
  oneOf: [
    {
      type: 'object',
      required: ['inputs', 'outputs'],
      properties: {
        inputs: { ...TABLE, description: 'N rows, each an array in the order of the inputs, or by name.' },
        outputs: { ...TABLE, description: 'N rows; numbers where the model has one output.' },
        baseVersion: { type: 'string', description: BASE_VERSION },
        alias: { type: 'string', description: ALIAS },
      },
    },
    {
      type: 'array',
      minItems: 1,
      items: { type: 'object', additionalProperties: { type: 'number' } },
      description: 'Rows by the names of the inputs and outputs.',
    },
    {
      type: 'object',
      additionalProperties: { type: 'number' },
      description: 'One row, by the names of the inputs and outputs.',
    },
  ],
};
const LOCATION = { Location: { schema: { type: 'string' } } };

export function ApiObserve(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Add observations to a model: a new version',
      description: DESCRIPTION,
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: SCHEMA,
            examples: {
              rows: { value: [ROW] },
              arrays: { value: { inputs: [[0.12, 0.34, 0.56, 0.78]], outputs: [1.1] } },
            },
          },
          'text/csv': { schema: { type: 'string' }, example: CSV },
        },
      },
    }),
    ApiQuery({ name: 'baseVersion', required: false, description: BASE_VERSION }),
    ApiQuery({ name: 'alias', required: false, description: ALIAS }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The same key and rows again are answered with the version that they made.',
    }),
    ApiHeader({ name: 'Prefer', required: false, description: '`respond-async`: as a job.' }),
    ApiCreatedResponse({ type: ModelDetailDto, headers: LOCATION }),
    ApiOkResponse({ type: ModelDetailDto, description: 'This request has made this version before.' }),
    ApiAcceptedResponse({ description: 'A job that will do it.', headers: LOCATION }),
    ApiProblem(400, 'The body or a header is wrong; `errors` lists each wrong field (INVALID_INPUT, ...).'),
    ApiProblem(403, 'The server, or its file system, does not let requests change models (READ_ONLY).'),
    ApiProblem(404, 'There is no such model or version (MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND).'),
    ApiProblem(
      409,
      '`baseVersion` is not the latest, or none is served (VERSION_NOT_LATEST, MODEL_NOT_LOADED).',
    ),
    ApiProblem(413, 'The body is too large (BODY_TOO_LARGE).'),
    ApiProblem(415, 'The body is neither JSON nor CSV (UNSUPPORTED_MEDIA_TYPE).'),
    ApiProblem(
      422,
      'The model cannot take the rows in, or the key came with others (OBSERVATIONS_REFUSED, IDEMPOTENCY_KEY_REUSED).',
    ),
    ApiProblem(501, 'This model cannot take observations in; the answer says why (OBSERVE_NOT_SUPPORTED).'),
    ApiProblem(503, 'There is no room on the disk (DISK_FULL).'),
  );
}
