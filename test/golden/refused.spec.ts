import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../src/models/model-errors.js';
import { gprModelType } from '../support/gpr-model-type.js';
import { ModelFile } from '../../src/models/model-file.js';

/** Real files that cannot be served rightly; `names` are the words the reason has to name. */
interface RefusedCase {
  readonly file: string;
  readonly why: string;
  readonly names: readonly string[];
}

const type = gprModelType();

describe.each(['gpy-refused', 'sklearn-refused'])('files that are refused: %s', (kind) => {
  const folder = join(import.meta.dirname, kind);
  const { cases } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as { cases: RefusedCase[] };

  it.each(cases)('$file: $why', async ({ file, names }) => {
    const error = await type.load(new ModelFile(join(folder, file))).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFileError);
    const { message } = error as ModelFileError;
    expect(
      names.some((word) => message.includes(word)),
      `${JSON.stringify(message)} should name one of ${names.join(', ')}`,
    ).toBe(true);
  });
});
