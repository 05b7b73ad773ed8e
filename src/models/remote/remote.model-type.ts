import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors/domain-error.js';
import {
  ExternalModelError,
  ExternalModelTimeoutError,
  ExternalModelUnavailableError,
} from '../external-errors.js';
import { FairQueue } from '../fair-queue.js';
import { ModelFileError } from '../model-errors.js';
import type { ModelFile } from '../model-file.js';
import type { LoadedModel, ModelType } from '../model-type.js';
import type { Variable } from '../model.js';
import { isSpecOf, readSpec } from '../spec-file.js';
import { readVariables } from '../spec-variables.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { PROTOCOLS } from './protocols.js';
import { RemoteAccess } from './remote-access.js';
import { RemoteClient } from './remote-client.js';
import type { Connection } from './remote-protocol.js';
import { REMOTE_DEFAULTS, REMOTE_SPEC, type RemoteSpec } from './remote-spec.js';
import { REMOTE, RemoteModel } from './remote.model.js';

/** A server that does not answer should not hold up the start for long. */
const LOAD_TIMEOUT_MS = 10_000;

/** Reads models that lie behind another server. */
@Injectable()
export class RemoteModelType implements ModelType {
  readonly name = REMOTE;

  constructor(private readonly access: RemoteAccess) {}

  recognises(file: ModelFile): boolean {
    return isSpecOf(file, REMOTE);
  }

  async load(file: ModelFile): Promise<LoadedModel> {
    const spec = await readSpec(file, REMOTE_SPEC);
    const url = this.access.allowed(spec.url);
    if (spec.config && spec.protocol === 'kriged') {
      throw new ModelFileError(
        'config is for um-bridge and open-inference: requests to Kriged have options instead.',
      );
    }
    const protocol = PROTOCOLS[spec.protocol];
    const circuitSettings = { ...REMOTE_DEFAULTS.circuit, ...spec.circuit };
    const circuit = new CircuitBreaker(circuitSettings.failures, circuitSettings.openMs);
    const { timeoutMs, retries, concurrency, maxRequests } = { ...REMOTE_DEFAULTS, ...spec };
    const client = new RemoteClient(
      {
        url,
        authorization: this.access.authorization(url),
        timeoutMs,
        retries,
        circuit,
        label: file.label,
      },
      protocol.explain,
    );
    const connect = async (signal: AbortSignal): Promise<Connection> => {
      const connection = await protocol.connect(client, spec, signal);
      requireSameNumber('inputs', connection.inputs, spec.inputs);
      requireSameNumber('outputs', connection.outputs, spec.outputs);
      return connection;
    };
    try {
      const connection = await connectAtLoad(connect, spec);
      const model = new RemoteModel({
        inputs: variables('inputs', connection, spec),
        outputs: variables('outputs', connection, spec),
        facts: {
          ...(spec.description !== undefined && { text: spec.description }),
          protocol: spec.protocol,
          remoteModel: spec.model,
          ...(spec.version !== undefined && { remoteVersion: spec.version }),
          timeoutMs,
        },
        client,
        queue: new FairQueue(concurrency, maxRequests),
        connection,
        connect,
        circuitState: () => circuit.state,
      });
      return { model, format: `remote model (${protocol.title})` };
    } catch (error) {
      client.close();
      throw error;
    }
  }
}

/** Undefined where the server does not answer, and the file tells all that is needed until it does. */
async function connectAtLoad(
  connect: (signal: AbortSignal) => Promise<Connection>,
  spec: RemoteSpec,
): Promise<Connection | undefined> {
  try {
    return await connect(AbortSignal.timeout(LOAD_TIMEOUT_MS));
  } catch (error) {
    const down =
      error instanceof ExternalModelUnavailableError ||
      error instanceof ExternalModelTimeoutError ||
      !(error instanceof DomainError);
    if (down && spec.inputs && spec.outputs) return undefined;
    const why = error instanceof DomainError ? error.message : 'The server behind this model did not answer.';
    const advice =
      ' With inputs and outputs in its file, the model would be served once that server answers.';
    throw new ModelFileError(`${why}${down ? advice : ''}`);
  }
}

/** Those of the file, or else the other server's. */
function variables(
  field: 'inputs' | 'outputs',
  connection: Connection | undefined,
  spec: RemoteSpec,
): Variable[] {
  return readVariables(field, spec[field] ?? connection?.[field] ?? []);
}

function requireSameNumber(
  field: string,
  there: readonly unknown[],
  here: readonly unknown[] | undefined,
): void {
  if (here && here.length !== there.length) {
    throw new ExternalModelError(
      `The model file names ${here.length} ${field}, but the server behind this model has ${there.length}.`,
    );
  }
}
