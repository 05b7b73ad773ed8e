import { Injectable } from '@nestjs/common';
import { WorkerPool } from '../../common/pool/worker-pool.js';
import type { ModelCheck } from '../model-check.js';
import { ModelFileError } from '../model-errors.js';
import type { ModelFile } from '../model-file.js';
import type { LoadedModel, ModelType } from '../model-type.js';
import { isSpecOf, readSpec } from '../spec-file.js';
import { compileSpec } from './compile-spec.js';
import { EXPRESSION, ExpressionModel } from './expression.model.js';
import { EXPRESSION_SCHEMA } from './expression-spec.js';

/** Reads models that are written as formulas in a YAML or JSON file. */
@Injectable()
export class ExpressionModelType implements ModelType {
  readonly name = EXPRESSION;

  constructor(private readonly pool: WorkerPool) {}

  recognises(file: ModelFile): boolean {
    return isSpecOf(file, EXPRESSION);
  }

  async load(file: ModelFile): Promise<LoadedModel> {
    const spec = await readSpec(file, EXPRESSION_SCHEMA);
    const model = new ExpressionModel(spec, await compileSpec(spec), this.pool);
    const { checks = [] } = spec;
    checks.forEach((check, i) => requireSizes(check, `checks[${i}]`, model));
    return { model, format: 'formulas in mathjs syntax', checks };
  }
}

function requireSizes({ x, mean, variance }: ModelCheck, place: string, model: ExpressionModel): void {
  const sizes: [string, readonly number[] | undefined, number][] = [
    ['x', x, model.inputs.length],
    ['mean', mean, model.outputs.length],
    ['variance', variance, model.outputs.length],
  ];
  for (const [member, values, size] of sizes) {
    if (!values || values.length === size) continue;
    throw new ModelFileError(`${place}.${member} has ${values.length} numbers, expected ${size}.`);
  }
}
