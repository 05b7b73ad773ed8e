import { JsonSchema } from '../../common/schema/json-schema.js';
import type { VariableSpec } from '../spec-variables.js';
import variables from '../variables.schema.json' with { type: 'json' };
import schema from './remote-spec.schema.json' with { type: 'json' };

/** A model file of this type. */
export interface RemoteSpec {
  readonly type: 'remote';
  readonly description?: string;
  readonly protocol: 'kriged' | 'open-inference' | 'um-bridge';
  /** Where the other server is: its root, or the path that stands before all of its routes. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
  readonly version?: string;
  /** Names for the columns, in the other server's order, instead of its own. */
  readonly inputs?: readonly VariableSpec[];
  readonly outputs?: readonly VariableSpec[];
  /** Sent along: `config` of UM-Bridge, `parameters` of Open Inference. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Of one call. */
  readonly timeoutMs?: number;
  readonly retries?: number;
  /** Calls at the same time. */
  readonly concurrency?: number;
  /** Requests under way or waiting; one more is refused at once. */
  readonly maxRequests?: number;
  readonly circuit?: {
    /** So many calls that fail one after another open the circuit, */
    readonly failures?: number;
    /** for so long. */
    readonly openMs?: number;
  };
}

export const REMOTE_DEFAULTS = {
  timeoutMs: 30_000,
  retries: 2,
  concurrency: 4,
  maxRequests: 100,
  circuit: { failures: 5, openMs: 10_000 },
};

export const REMOTE_SPEC = new JsonSchema<RemoteSpec>({ ...schema, $defs: { variables } });
