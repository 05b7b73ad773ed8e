#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { check, convert, inspect } from './cli/commands.js';
import { diagnose } from './cli/diagnose.js';
import { CliModule } from './cli/cli.module.js';
import { ConfigError, loadConfig } from './common/config/config.js';
import { ModelLoader } from './repository/model-loader.js';

const USAGE = `Usage:
  kriged serve [FOLDER] [--port PORT]          serve the models in a folder (settings: environment variables)
  kriged check FILE... [--manifest FILE]       load each model and let it reproduce its checks
  kriged inspect FILE [--manifest FILE]        print what is known of a model, as JSON
  kriged diagnose FILE [--test DATA]           say how far a model can be trusted, by its training data or a test set
  kriged convert FILE TO.safetensors           write a model in Kriged's own format`;

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
  await import('./main.js');
  return 0;
}

async function withLoader(work: (loader: ModelLoader) => Promise<number>): Promise<number> {
  const config = loadConfig(process.env);
  const app = await NestFactory.createApplicationContext(
    CliModule.with(config, new URL('./worker.js', import.meta.url)),
    { logger: ['error', 'fatal'] },
  );
  try {
    return await work(app.get(ModelLoader));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    printError(app.get(ModelLoader).reason(error));
    return 1;
  } finally {
    await app.close();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
  printError(error.message);
  if (error instanceof UsageError) printError(USAGE);
  process.exitCode = 2;
}
