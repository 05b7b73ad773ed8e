import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Parts of names; only what matches one of them is run. Empty: everything. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly librarySeconds: number;
  readonly processes: number;
  readonly json: string | undefined;
  readonly writeDocs: boolean;
}

export const USAGE = `npm run bench [-- OPTIONS]

  --quick          one short round of everything: numbers to look at, not to quote
  --case NAME      only what has NAME in its name, such as n200/row/32, npy, interference, start, library;
                   may be given several times
  --rounds N       rounds of each case, of which the median counts (default 3)
  --seconds N      length of one round (default 4)
  --processes N    worker processes of each side (default 2)
  --json FILE      writes everything measured to FILE
  --write-docs     puts the tables into docs/performance.md
  --help`;

/** Throws TypeError for an unknown option. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      processes: { type: 'string' },
      json: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick } = values;
  return {
    only: values.case,
    rounds: count('rounds', values.rounds, quick ? 1 : 3),
    seconds: count('seconds', values.seconds, quick ? 2 : 4),
    warmupSeconds: quick ? 1 : 2,
    librarySeconds: quick ? 0.3 : 1.5,
    processes: count('processes', values.processes, 2),
    json: values.json,
    writeDocs: values['write-docs'],
  };
}

function count(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new TypeError(`--${name} is ${JSON.stringify(text)}, expected a whole number.`);
  return Number(text);
}
