import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Config, ConfigError } from '../../common/config/config.js';
import { ExternalModelUnavailableError } from '../external-errors.js';
import { ModelFileError } from '../model-errors.js';
import { ModelFile } from '../model-file.js';
import { readSpec } from '../spec-file.js';
import { COMMAND_DEFAULTS, COMMAND_FILE, type CommandFile } from './command.js';
import { CommandRunner } from './command-runner.js';

const NAME = 'PROCESS_COMMANDS';

/** The commands that the operator lets models run: those of the file PROCESS_COMMANDS. */
@Injectable()
export class ProcessCommands implements OnModuleInit, OnApplicationShutdown {
  #runners: ReadonlyMap<string, CommandRunner> = new Map();

  constructor(private readonly config: Config) {}

  /** Throws ConfigError: a server whose operator meant something else should not start. */
  async onModuleInit(): Promise<void> {
    const path = this.config.processCommands;
    if (path === undefined) return;
    // Whoever may add a model must not be able to add a command.
    if (realpathSync(path).startsWith(realpathSync(this.config.modelsDir) + sep)) {
      throw new ConfigError(NAME, path, 'a file outside the models folder');
    }
    const commands = await readCommands(path);
    this.#runners = new Map(
      Object.entries(commands).map(([name, command]) => [
        name,
        new CommandRunner({ ...COMMAND_DEFAULTS, ...command, name }),
      ]),
    );
  }

  find(name: string): CommandRunner | undefined {
    return this.#runners.get(name);
  }

  async onApplicationShutdown(): Promise<void> {
    const reason = new ExternalModelUnavailableError('The server is stopping.', 1);
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop(reason)));
  }
}

async function readCommands(path: string): Promise<CommandFile> {
  try {
    return await readSpec(new ModelFile(path), COMMAND_FILE);
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    throw new ConfigError(NAME, path, `a YAML or JSON file of commands. ${error.message.replace(/\.$/, '')}`);
  }
}
