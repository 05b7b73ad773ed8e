import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { MEDIA_TYPES } from '../../common/media/negotiate.js';
import { ApiProblem } from '../../common/openapi/api-problem.js';
import { ApiMakesJob } from '../../jobs/jobs.openapi.js';
import { FILES, optionQueries, PREDICTION } from '../predict.openapi.js';

const NAMED_FILE = {
  type: 'object',
  required: ['file'],
  properties: {
    file: { type: 'string', example: 'designs/doe.csv', description: 'A file of the folder INPUT_DIR.' },
    options: { type: 'object', description: 'As those of `POST /predict`.' },
  },
};

export function ApiBatch(what: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: `Predict the rows of a file of any length with ${what}, as a job`,
      description:
        'The file goes to disk while it arrives (up to JOBS_MAX_INPUT_BYTES); the job reads it, so that what is wrong with its rows shows there. CSV, and npy in C order, may be longer than memory; JSON, npz and npy in Fortran order are read whole (up to MAX_BODY_BYTES). `GET /jobs/{id}/result` answers as `POST /predict` does, by `Accept`, of any length; only a covariance and samples are limited (MAX_RESULT_VALUES).',
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: { oneOf: [NAMED_FILE, { description: 'Rows, as in `POST /predict`.' }] },
          },
          'text/csv': { schema: { type: 'string' } },
          ...FILES,
        },
      },
    }),
    ...optionQueries(),
    ApiMakesJob(),
    ApiOkResponse({
      description:
        'The prediction, as of `POST /predict`: the job ended while the client waited (`Prefer: wait=5`), or had ended before.',
      content: { [MEDIA_TYPES.json]: { schema: PREDICTION } },
    }),
    ApiProblem(400, 'An option is wrong, or the form (INVALID_INPUT).'),
    ApiProblem(403, 'There is no folder of input files (INPUT_DIR_OFF).'),
    ApiProblem(
      404,
      'There is no such model, version, or input file (MODEL_NOT_FOUND, INPUT_FILE_NOT_FOUND, ...).',
    ),
    ApiProblem(409, 'The model file could not be loaded; the answer says why (MODEL_NOT_LOADED).'),
    ApiProblem(413, 'The file is too large (INPUT_TOO_LARGE).'),
    ApiProblem(415, 'The file is of a type that is not read (UNSUPPORTED_MEDIA_TYPE).'),
    ApiProblem(422, 'The Idempotency-Key came with another request (IDEMPOTENCY_KEY_REUSED).'),
    ApiProblem(501, 'This type of model cannot do what an option asks for (SAMPLE_NOT_SUPPORTED, ...).'),
  );
}
