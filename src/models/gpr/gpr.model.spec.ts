import { goldenAnswer } from '../../../test/support/golden-answers.js';
import { gprModelType } from '../../../test/support/gpr-model-type.js';
import { ROOT } from '../../../test/support/test-app.js';
import { describeModelContract } from '../model.contract.js';
import { ModelFile } from '../model-file.js';

const type = gprModelType();

for (const file of ['gpy/matern52-ard', 'gpy/normalized', 'gpy/heteroscedastic']) {
  const load = async () => (await type.load(new ModelFile(`${ROOT}/test/golden/${file}.pkl`))).model;
  describeModelContract(`gpr (${file})`, load, {
    inside: goldenAnswer(file).X_test.slice(0, 7),
    // A panel's products are summed in another order than those of a single row.
    rowTolerance: 1e-12,
  });
}
