import { JsonSchema } from '../../common/schema/json-schema.js';
import schema from './commands.schema.json' with { type: 'json' };

/** A program that the operator lets models run, with its limits. */
export interface Command {
  readonly name: string;
  /** Absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Where it runs; a new, empty folder a run where it is left out. */
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  /** How rows are written to its standard input, and answers read from its standard output. */
  readonly protocol: 'json' | 'csv';
  /** Rows a run. */
  readonly batch: number | 'all';
  /** A run's. */
  readonly timeoutMs: number;
  /** Of each process of a run. */
  readonly maxMemoryBytes?: number;
  readonly maxOutputBytes: number;
  /** Runs at the same time, of all models that name the command. */
  readonly concurrency: number;
  /** Requests under way or waiting; one more is refused at once. */
  readonly maxRequests: number;
}

/** What may be left out. */
export const COMMAND_DEFAULTS = {
  args: [],
  env: {},
  protocol: 'json',
  batch: 'all',
  timeoutMs: 60_000,
  maxOutputBytes: 16 * 2 ** 20,
  concurrency: 1,
  maxRequests: 100,
} as const satisfies Partial<Command>;

/** The commands file: by name, each with what is not left out. */
export type CommandFile = Readonly<Record<string, Partial<Command> & { readonly command: string }>>;

export const COMMAND_FILE = new JsonSchema<CommandFile>(schema);
