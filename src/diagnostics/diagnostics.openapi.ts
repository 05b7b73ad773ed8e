import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiNotModifiedResponse, ApiOkResponse, ApiOperation, ApiQuery } from '@nestjs/swagger';
import { ApiProblem } from '../common/openapi/api-problem.js';
import { HoldOutDto, ModelDiagnosticsDto } from './diagnostics.dto.js';

export const NAME = { name: 'name', example: 'example', description: "The model's name." };
export const VERSION = { name: 'version', example: '1', description: "The model's version, or an alias." };

const RESIDUALS = ApiQuery({
  name: 'residuals',
  required: false,
  schema: { type: 'integer', minimum: 0, maximum: 10_000, default: 10 },
  description: 'How many of the largest residuals of each output to list.',
});

const PROBLEMS = [
  ApiProblem(404, 'There is no such model or version (MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND).'),
  ApiProblem(409, 'The version could not be loaded (MODEL_NOT_LOADED).'),
];

export function ApiDiagnostics(what: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: `How far ${what} can be trusted, by its own training data`,
      description:
        'Leave-one-out scores by the closed formula, log marginal likelihood, condition number, lengthscales against the ranges of the inputs, and warnings in plain words. Computed once a version, and kept.',
    }),
    RESIDUALS,
    ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of an earlier answer.' }),
    ApiOkResponse({ type: ModelDiagnosticsDto }),
    ApiNotModifiedResponse({ description: 'As it was, by If-None-Match.' }),
    ApiProblem(400, 'An option is wrong (INVALID_INPUT).'),
    ApiProblem(501, 'This type of model knows nothing of its training data (DIAGNOSTICS_NOT_SUPPORTED).'),
    ...PROBLEMS,
  );
}

const FILE = { type: 'string', format: 'binary' } as const;

const TEST_SET = {
  'application/json': {
    schema: {
      type: 'object',
      required: ['inputs', 'outputs'],
      properties: {
        inputs: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
        outputs: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
      },
    },
    example: { inputs: [[0.51, 0.76, 0.94, 0.72]], outputs: [[-0.45]] },
  },
  'text/csv': { schema: { type: 'string' }, example: 'x1,x2,x3,x4,y\n0.51,0.76,0.94,0.72,-0.45\n' },
  'application/x-npy': { schema: { ...FILE, description: 'An array N x (d + p), the outputs last.' } },
  'application/x-npz': { schema: FILE },
  'multipart/form-data': {
    schema: { type: 'object', required: ['file'], properties: { file: FILE } },
  },
};

export function ApiHoldOut(what: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: `Scores of ${what} on a test set`,
      description:
        'For models of every type. The test set comes as rows do for `/predict`, with the outputs as further columns, or with inputs and outputs apart (JSON, npz).',
      requestBody: { required: true, content: TEST_SET },
    }),
    RESIDUALS,
    ApiOkResponse({ type: HoldOutDto }),
    ApiProblem(400, 'The test set is not what the model needs (INVALID_INPUT, MALFORMED_BODY).'),
    ApiProblem(413, 'The body is too large (BODY_TOO_LARGE, RESULT_TOO_LARGE).'),
    ApiProblem(415, 'The body is of a type that is not read (UNSUPPORTED_MEDIA_TYPE).'),
    ApiProblem(422, 'The model has no finite answer to a row (RESULT_NOT_FINITE).'),
    ...PROBLEMS,
  );
}
