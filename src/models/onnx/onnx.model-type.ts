import { readFile } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { WorkerPool } from '../../common/pool/worker-pool.js';
import { ModelFileError } from '../model-errors.js';
import type { ModelFile } from '../model-file.js';
import type { LoadedModel, ModelType } from '../model-type.js';
import { refuseExternalData } from './external-data.js';
import { openGraph } from './graph.js';
import { variablesOf } from './graph-signature.js';
import { measureRow, ONNX, OnnxModel } from './onnx.model.js';
import { loadOnnxRuntime } from './onnx-runtime.js';

/** Reads ONNX files with onnxruntime-node, which is loaded with the first of them. */
@Injectable()
export class OnnxModelType implements ModelType {
  readonly name = ONNX;

  constructor(private readonly pool: WorkerPool) {}

  /** By the extension, or as ONNX writes it: the field ir_version (a small number), then the producer or the graph. */
  recognises({ extension, head }: ModelFile): boolean {
    return extension === '.onnx' || (head[0] === 0x08 && head[1] < 0x20 && [0x12, 0x3a].includes(head[2]));
  }

  async load(file: ModelFile): Promise<LoadedModel> {
    const runtime = await loadOnnxRuntime();
    const bytes = await readFile(file.path);
    refuseExternalData(bytes);
    const graph = await openGraph(runtime, bytes);
    try {
      const { inputs, outputs } = graph.signature;
      const names = [variablesOf(inputs.tensors, 'x'), variablesOf(outputs)];
      names.forEach(requireDifferent);
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
      shared.set(bytes);
      const rowMs = await measureRow(graph, names[0].length, names[1].length);
      const version = runtime.env.versions.node ?? '(unknown version)';
      return { model: new OnnxModel(graph, shared, rowMs, this.pool, version), format: 'ONNX' };
    } catch (error) {
      await graph.release();
      throw error;
    }
  }
}

function requireDifferent(variables: readonly { readonly name: string }[]): void {
  const names = variables.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new ModelFileError(`Two columns of the graph would have the name ${JSON.stringify(twice)}.`);
  }
}
