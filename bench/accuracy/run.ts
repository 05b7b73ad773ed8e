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
import { judgeVariances, roundingReport } from './rounding-report.ts';
import { type Answers, QUANTITIES, type StudyFile } from './study-file.ts';

const STUDY = fileURLToPath(new URL('study.py', import.meta.url));
const KERNELS = fileURLToPath(new URL('kernels.py', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/accuracy.md', import.meta.url));

const places = new Places();
await places.setUp();
const studyFile = join(places.root, 'accuracy.json');
await places.once('accuracy', [STUDY, KERNELS], () =>
  run([places.python(), STUDY, studyFile], { OPENBLAS_NUM_THREADS: '1' }),
);
const study = JSON.parse(readFileSync(studyFile, 'utf8')) as StudyFile;

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

const predictions = [...study.cases, ...study.many].map((one) => ({
  one,
  kriged: [...backends].map(([name, backend]) => ({
    name: `Kriged, ${name}`,
    file: predictFromFile(numeric, one, backend),
    own: predictFromData(numeric, one, backend),
  })),
}));

const errors: CaseErrors[] = predictions.flatMap(({ one, kriged }) => {
  const { kernel, cond, reachedCond, reference } = one;
  return QUANTITIES.flatMap((quantity) => {
    const exact = reference[quantity];
    if (exact === undefined) return [];
    const errorOf = (answers: Answers | 'fails' | null, jittered = false): ErrorsOf => {
      if (answers === null) return undefined;
      if (answers === 'fails') return 'fails';
      const got = answers[quantity];
      return got === undefined ? undefined : { error: answerError(quantity, got, exact), jittered };
    };
    const ours = kriged.flatMap(({ name, file, own }) => [
      [`${name}, GPy's file`, errorOf(file.answers, file.jittered)] as const,
      [`${name}, own fit`, errorOf(own.answers, own.jittered)] as const,
    ]);
    const errorsOf = {
      GPy: errorOf(one.gpy, one.gpyJitter),
      'scikit-learn': errorOf(one.sklearn),
      ...Object.fromEntries(ours),
    };
    return [{ points: one.X.length, kernel, cond, reachedCond, quantity, errors: errorsOf }];
  });
});

const variances = predictions.flatMap(({ one, kriged }) =>
  kriged
    .flatMap(({ file, own }) => [file, own])
    .filter(({ jittered }) => !jittered)
    .flatMap(({ answers: { variance = [], atRounding } }) =>
      judgeVariances(one, variance, one.reference.variance, atRounding),
    ),
);

const text = `${accuracyReport(values, errors)}\n\n${roundingReport(variances)}`;
console.log(text);
if (process.argv.includes('--write-docs')) await writeDocs(DOCUMENT, text);
