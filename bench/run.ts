/** `npm run bench`: Kriged beside what its users would pick instead. docs/performance.md says how to read it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readFacts } from './facts.ts';
import { CASES } from './http/cases.ts';
import { type HttpOptions, runHttpCases } from './http/http-benchmark.ts';
import { runInterference } from './http/interference.ts';
import { runStartUp } from './http/start-up.ts';
import { requireWrk } from './http/wrk.ts';
import { runLibrary } from './library/library-benchmark.ts';
import { readOptions, USAGE, type BenchOptions } from './options.ts';
import { Places } from './places.ts';
import { report } from './report/report.ts';
import type { Results } from './report/results.ts';
import { targets } from './report/targets.ts';
import { writeDocs } from './report/write-docs.ts';

const DOCUMENT = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

async function bench(options: BenchOptions): Promise<Results> {
  const places = new Places();
  await requireWrk();
  await places.setUp();
  const facts = await readFacts(places);

  const wanted = (name: string): boolean =>
    options.only.length === 0 || options.only.some((part) => name.includes(part));
  const { rounds, seconds, warmupSeconds, processes } = options;
  const timing = { seconds, warmupSeconds };
  const http: HttpOptions = {
    places,
    processes,
    rounds,
    timing,
    log: (line) => console.error(`bench: ${line}`),
  };

  const library = wanted('library') ? await runLibrary(places, options.librarySeconds) : [];
  const startUp = wanted('start') ? await runStartUp(http) : [];
  const cases = await runHttpCases(
    CASES.filter(({ name }) => wanted(name)),
    http,
  );
  const { interference, failures } = wanted('interference')
    ? await runInterference(http)
    : { interference: [], failures: [] };
  const settings = {
    'Processes of each side': `${processes}`,
    Rounds: `${rounds}, the median counts`,
    'Seconds a round': `${seconds}`,
  };
  return {
    date: new Date().toISOString(),
    facts,
    settings,
    measurements: cases.measurements,
    failures: [...cases.failures, ...failures],
    interference,
    startUp,
    library,
  };
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  console.log(USAGE);
} else {
  const results = await bench(options);
  const text = report(results);
  console.log(text);
  if (options.json !== undefined) {
    writeFileSync(options.json, JSON.stringify({ ...results, targets: targets(results) }, undefined, 2));
  }
  if (options.writeDocs) await writeDocs(DOCUMENT, text);
  if (results.failures.length > 0) process.exitCode = 1;
}
