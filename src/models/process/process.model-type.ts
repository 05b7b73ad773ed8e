import { accessSync, constants } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { ModelFileError } from '../model-errors.js';
import type { ModelFile } from '../model-file.js';
import type { LoadedModel, ModelType } from '../model-type.js';
import { isSpecOf, readSpec } from '../spec-file.js';
import { readVariables } from '../spec-variables.js';
import { PROCESS_SPEC } from './process-spec.js';
import { PROCESS, ProcessModel } from './process.model.js';
import { ProcessCommands } from './process-commands.js';

/** Reads models that an external solver computes. */
@Injectable()
export class ProcessModelType implements ModelType {
  readonly name = PROCESS;

  constructor(private readonly commands: ProcessCommands) {}

  recognises(file: ModelFile): boolean {
    return isSpecOf(file, PROCESS);
  }

  async load(file: ModelFile): Promise<LoadedModel> {
    const spec = await readSpec(file, PROCESS_SPEC);
    const runner = this.commands.find(spec.command);
    if (!runner) {
      const name = JSON.stringify(spec.command);
      throw new ModelFileError(
        `There is no command ${name}: the operator configures commands in the file that PROCESS_COMMANDS names.`,
      );
    }
    requireExecutable(spec.command, runner.command.command);
    const inputs = readVariables('inputs', spec.inputs);
    const outputs = readVariables('outputs', spec.outputs);
    return {
      model: new ProcessModel(file.label, inputs, outputs, runner, spec.description),
      format: `external solver (${spec.command})`,
    };
  }
}

function requireExecutable(name: string, path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ModelFileError(`The program of command ${JSON.stringify(name)} cannot be started (${code}).`);
  }
}
