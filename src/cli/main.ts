import { parseArgs } from 'node:util';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { check, convert, inspect } from './commands.js';
import { diagnose } from './diagnose.js';
import { CliModule } from './cli.module.js';
import { ProgressBar } from './progress-bar.js';
import { train } from './train.command.js';
import { type Config, ConfigError, loadConfig } from '../common/config/config.js';
import { DomainError } from '../common/errors/domain-error.js';
import type { InputIssue } from '../common/media/issue.js';
import { DiagnosticsService } from '../diagnostics/diagnostics.service.js';
import { ModelLoader } from '../repository/model-loader.js';
import { TrainingService } from '../train/training.service.js';

const USAGE = `Usage:
  kriged serve [FOLDER] [--port PORT]          serve the models in a folder (settings: environment variables)
  kriged check FILE... [--manifest FILE]       load each model and let it reproduce its checks
  kriged inspect FILE [--manifest FILE]        print what is known of a model, as JSON
  kriged diagnose FILE [--test DATA]           say how far a model can be trusted, by its training data or a test set
  kriged convert FILE TO.safetensors           write a model in Kriged's own format
  kriged train DATA [SETTING...]               train a model on CSV, npy, npz, Parquet or JSON: into MODELS_DIR
      [--name NAME] [--alias ALIAS]            as a new version of NAME (trained)
      [--out FILE.safetensors]                 or into a file
      [--target COLUMNS] [--kernel EXPRESSION] [--noise free|VARIANCE] [--mean zero|constant|linear]
      [--normalize true|false] [--restarts N] [--seed N] [--bounds JSON] [--priors JSON]
      [--max-points N] [--inducing N]          sparse above N points (5000), or with N inducing points`;

/** Options of `train` that are settings of POST /train. */
const TRAIN_SETTINGS = {
  name: 'name',
  alias: 'alias',
  target: 'target',
  kernel: 'kernel',
  noise: 'noise',
  mean: 'mean',
  normalize: 'normalize',
  restarts: 'restarts',
  seed: 'seed',
  bounds: 'bounds',
  priors: 'priors',
  'max-points': 'maxPoints',
  inducing: 'inducing',
  inputs: 'inputNames',
  outputs: 'outputNames',
} as const;
type TrainSetting = keyof typeof TRAIN_SETTINGS;
const TRAIN_OPTIONS = Object.keys(TRAIN_SETTINGS) as TrainSetting[];

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const printError = (line: string): void => void process.stderr.write(`${line}\n`);

// Whoever reads may have had enough.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') throw new Error(`Cannot write (${code}).`);
  process.exit(0);
});

/** A command line that cannot be. */
class UsageError extends Error {}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [command, ...files] = positionals;
  if (values.help || command === undefined) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  if (command === 'serve') return serve(files, values.port);
  const settings = TRAIN_OPTIONS.flatMap((option) => {
    const value = values[option];
    return value === undefined ? [] : [[TRAIN_SETTINGS[option], value] as const];
  });
  if (command === 'train' && files.length === 1)
    return trainFile(files[0], Object.fromEntries(settings), values.out);
  if (settings.length > 0 || values.out !== undefined)
    throw new UsageError(`Settings of train beside ${command}.`);
  return withLoader((loader) => {
    const { manifest, test } = values;
    if (command === 'check' && files.length > 0) return check(loader, files, manifest, print);
    if (command === 'inspect' && files.length === 1) return inspect(loader, files[0], manifest, print);
    if (command === 'diagnose' && files.length === 1) {
      return diagnose(loader, files[0], { manifest, test }, print);
    }
    if (command === 'convert' && files.length === 2) return convert(loader, files[0], files[1], print);
    throw new UsageError(`Not a command: ${positionals.join(' ')}`);
  });
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' },
        manifest: { type: 'string' },
        test: { type: 'string' },
        out: { type: 'string' },
        ...(Object.fromEntries(TRAIN_OPTIONS.map((option) => [option, { type: 'string' }])) as Record<
          TrainSetting,
          { type: 'string' }
        >),
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The server, with what the command line says in place of the environment. It ends the process itself. */
async function serve([folder, ...rest]: string[], port: string | undefined): Promise<number> {
  if (rest.length > 0) throw new UsageError('serve takes one folder.');
  if (folder !== undefined) process.env.MODELS_DIR = folder;
  if (port !== undefined) process.env.PORT = port;
  await import('../main.js');
  return 0;
}

/** Into a file, or into the models folder. */
async function trainFile(
  file: string,
  settings: Readonly<Record<string, string>>,
  out: string | undefined,
): Promise<number> {
  return withApp(
    (config, entry) => CliModule.withTraining(config, entry),
    (app) => {
      const services = {
        training: app.get(TrainingService),
        diagnostics: app.get(DiagnosticsService),
        loader: app.get(ModelLoader),
      };
      return train(
        { file, settings, ...(out !== undefined && { out }) },
        services,
        new ProgressBar(process.stderr),
        print,
      );
    },
  );
}

function withLoader(work: (loader: ModelLoader) => Promise<number>): Promise<number> {
  return withApp(
    (config, entry) => CliModule.with(config, entry),
    (app) => work(app.get(ModelLoader)),
  );
}

async function withApp(
  makeModule: (config: Config, workerEntry: URL) => DynamicModule,
  work: (app: INestApplicationContext) => Promise<number>,
): Promise<number> {
  const config = loadConfig(process.env);
  const app = await NestFactory.createApplicationContext(
    makeModule(config, new URL('../worker.js', import.meta.url)),
    { logger: ['error', 'fatal'] },
  );
  try {
    return await work(app);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    for (const line of reasonsOf(error, app.get(ModelLoader))) printError(line);
    return 1;
  } finally {
    await app.close();
  }
}

/** What is wrong: of wrong inputs all that is, also where a worker found it. */
function reasonsOf(error: unknown, loader: ModelLoader): string[] {
  const { errors } = error instanceof DomainError ? error.details : {};
  return Array.isArray(errors) ? errors.map(({ message }: InputIssue) => message) : [loader.reason(error)];
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
  printError(error.message);
  if (error instanceof UsageError) printError(USAGE);
  process.exitCode = 2;
}
