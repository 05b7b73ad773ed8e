/** `npm run bench:accuracy [-- --write-docs]`: docs/accuracy.md says how to read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { availableBackends } from '../library/backends.ts';
import { Places } from '../places.ts';
import { writeDocs } from '../report/write-docs.ts';
import { run } from '../run-command.ts';
import { answerError, valueError } from './errors.ts';
import { kernelValues, loadNumeric, predictFromData, predictFromFile } from './kriged.ts';
import { accuracyReport, type CaseErrors, type ErrorsOf, type ValueErrors } from './report.ts';
import { type Answers, QUANTITIES, type StudyCase, type StudyFile } from './study-file.ts';

const STUDY = fileURLToPath(new URL('study.py', import.meta.url));
const KERNELS = fileURLToPath(new URL('kernels.py', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/accuracy.md', import.meta.url));

const places = new Places();
await places.setUp();
const file = join(places.root, 'accuracy.json');
await places.once('accuracy', [STUDY, KERNELS], () =>
  run([places.python(), STUDY, file], { OPENBLAS_NUM_THREADS: '1' }),
);
const study = JSON.parse(readFileSync(file, 'utf8')) as StudyFile;

const numeric = await loadNumeric();
const backends = await availableBackends();
// TypeScript is there for the tests of the others; 40 points are too few for OpenBLAS to be called.
for (const name of ['typescript', 'openblas']) backends.delete(name);

const values: ValueErrors[] = study.values.map((one) => {
  const errorOf = (got: readonly number[]): number => valueError(got, one.reference, one.scale);
  const ours = [...backends].map(
    ([name, backend]) => [`Kriged, ${name}`, errorOf(kernelValues(numeric, one, backend))] as const,
  );
  const sklearn = one.sklearn === null ? undefined : errorOf(one.sklearn);
  return {
    kernel: one.kernel,
    errors: { GPy: errorOf(one.gpy), 'scikit-learn': sklearn, ...Object.fromEntries(ours) },
  };
});

const cases: CaseErrors[] = study.cases.flatMap((one) =>
  QUANTITIES.map((quantity) => {
    const errorOf = (answers: Answers | 'fails' | null, jittered = false): ErrorsOf => {
      if (answers === null) return undefined;
      if (answers === 'fails') return 'fails';
      const got = answers[quantity];
      if (got === undefined) return undefined;
      return { error: answerError(quantity, got, one.reference[quantity]), jittered };
    };
    const errors: Record<string, ErrorsOf> = {
      GPy: errorOf(one.gpy, one.gpyJitter),
      'scikit-learn': errorOf(one.sklearn),
    };
    for (const [name, backend] of backends) Object.assign(errors, krigedErrors(one, name, backend, errorOf));
    const { kernel, cond, reachedCond } = one;
    return { kernel, cond, reachedCond, quantity, errors };
  }),
);

const text = accuracyReport(values, cases);
console.log(text);
if (process.argv.includes('--write-docs')) await writeDocs(DOCUMENT, text);

function krigedErrors(
  one: StudyCase,
  name: string,
  backend: { name: string },
  errorOf: (answers: Answers, jittered: boolean) => ErrorsOf,
): Record<string, ErrorsOf> {
  const own = predictFromData(numeric, one, backend);
  return {
    [`Kriged, ${name}, GPy's file`]: errorOf(predictFromFile(numeric, one, backend), one.gpyJitter),
    [`Kriged, ${name}, own fit`]: errorOf(own.answers, own.jittered),
  };
}
