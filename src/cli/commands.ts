import { writeFile } from 'node:fs/promises';
import type { ModelLoader, OpenedModel } from '../repository/model-loader.js';

/** Where a command writes: a line at a time. */
export type Print = (line: string) => void;

/** Whether each file is a model that would be served; says for each what was found. Returns the exit code. */
export async function check(
  loader: ModelLoader,
  files: readonly string[],
  manifest: string | undefined,
  print: Print,
): Promise<number> {
  let code = 0;
  for (const file of files) {
    try {
      const opened = await loader.open(file, manifest);
      print(`${file}: ready`);
      for (const line of summary(opened)) print(`  ${line}`);
      opened.model.release();
    } catch (error) {
      print(`${file}: refused\n  ${loader.reason(error)}`);
      code = 1;
    }
  }
  return code;
}

/** Everything that is known of a model file, as JSON. */
export async function inspect(
  loader: ModelLoader,
  file: string,
  manifest: string | undefined,
  print: Print,
): Promise<number> {
  const { model, path: _path, manifestPath: _manifest, ...facts } = await loader.open(file, manifest);
  const all = {
    file,
    type: model.type,
    ...facts,
    supports: model.supportedMethods,
    description: model.describe(),
  };
  print(JSON.stringify(all, null, 2));
  model.release();
  return 0;
}

/** Writes the model in Kriged's own format, and reads it back before it says that it did. */
export async function convert(loader: ModelLoader, from: string, to: string, print: Print): Promise<number> {
  const { model } = await loader.open(from);
  const bytes = await model.save();
  model.release();
  await writeFile(to, bytes, { flag: 'wx' });
  const written = await loader.open(to);
  print(`${to}: ${written.format}, ${written.bytes} bytes, sha256 ${written.sha256}`);
  written.model.release();
  return 0;
}

function summary({ format, bytes, sha256, inputs, outputs, checks, model }: OpenedModel): string[] {
  const description = model.describe();
  const warnings = (description.warnings ?? []) as readonly string[];
  const consistency = description.posteriorCheck as Readonly<Record<string, unknown>> | undefined;
  return [
    `${format}, ${bytes} bytes, sha256 ${sha256}`,
    `inputs: ${inputs.map(({ name }) => name).join(', ')}; outputs: ${outputs.map(({ name }) => name).join(', ')}`,
    checks === 0 ? 'checks: none in the file' : `checks: ${checks} of ${checks} reproduced`,
    ...(consistency ? [`self-consistency: ${describeCheck(consistency)}`] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}

function describeCheck({ agreed, ...errors }: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(errors).map(([name, value]) => `${name} ${Number(value).toPrecision(2)}`);
  return `${agreed === true ? 'agrees' : 'does not agree'} (${parts.join(', ')})`;
}
