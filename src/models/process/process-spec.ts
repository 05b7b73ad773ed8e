import { JsonSchema } from '../../common/schema/json-schema.js';
import type { VariableSpec } from '../spec-variables.js';
import variables from '../variables.schema.json' with { type: 'json' };
import schema from './process-spec.schema.json' with { type: 'json' };

/** A model file of this type. It names a command of the operator's, and never holds one. */
export interface ProcessSpec {
  readonly type: 'process';
  readonly description?: string;
  readonly command: string;
  readonly inputs: readonly VariableSpec[];
  readonly outputs: readonly VariableSpec[];
}

export const PROCESS_SPEC = new JsonSchema<ProcessSpec>({ ...schema, $defs: { variables } });
