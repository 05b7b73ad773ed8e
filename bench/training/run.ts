/**
 * `npm run bench:training [-- --sets 30 --n 200 --n 1000 --restarts 5 --peer gpy --peer sklearn --write-docs]`: Kriged's training against GPy's
 * `optimize_restarts` and scikit-learn's `fit`, one thread each, in seconds of the processor. docs/training-benchmark.md says how to
 * read it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Places } from '../places.ts';
import { markdownTable, number, ratio } from '../report/markdown-table.ts';
import { writeDocs } from '../report/write-docs.ts';
import { run } from '../run-command.ts';

interface Trained {
  readonly seconds: number;
  /** Log marginal likelihood of what was found, in extended precision. */
  readonly likelihood: number;
}

const PEERS = fileURLToPath(new URL('train_peers.py', import.meta.url));
const KRIGED = fileURLToPath(new URL('kriged-train.ts', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../docs/training-benchmark.md', import.meta.url));
const ONE_THREAD = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
const NAMES: Readonly<Record<string, string>> = { gpy: 'GPy', sklearn: 'scikit-learn' };
/** As good: this part of n from the other's log marginal likelihood. */
const AS_GOOD = 1e-4;

const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: '30' },
    n: { type: 'string', multiple: true, default: ['200', '1000'] },
    restarts: { type: 'string', default: '5' },
    peer: { type: 'string', multiple: true, default: ['gpy', 'sklearn'] },
    'write-docs': { type: 'boolean', default: false },
  },
});
const places = new Places();
await places.setUp();

const sections: string[] = [];
for (const n of values.n) {
  const data = join(places.root, `training-${n}-${values.sets}.json`);
  await run([places.python(), PEERS, 'data', values.sets, n, data]);
  const found = join(places.root, `training-${n}-found.json`);
  const timed = async (argv: readonly string[]): Promise<Trained[]> => {
    const text = await run([...argv, data, values.restarts], ONE_THREAD);
    writeFileSync(found, text);
    const likelihoods = await run([places.python(), PEERS, 'evaluate', data, found], ONE_THREAD);
    const trained = JSON.parse(text) as { readonly seconds: number }[];
    return (JSON.parse(likelihoods) as number[]).map((likelihood, k) => ({
      seconds: trained[k].seconds,
      likelihood,
    }));
  };
  const kriged = await timed([process.execPath, KRIGED]);
  const peers: Record<string, Trained[]> = {};
  for (const peer of values.peer) peers[NAMES[peer] ?? peer] = await timed([places.python(), PEERS, peer]);
  sections.push(section(Number(n), kriged, peers));
  console.error(sections.at(-1));
}
const text = sections.join('\n\n');
console.log(text);
if (values['write-docs']) await writeDocs(DOCUMENT, text);

function section(
  n: number,
  kriged: readonly Trained[],
  peers: Readonly<Record<string, readonly Trained[]>>,
): string {
  const seconds = total(kriged);
  const rows = Object.entries(peers).map(([name, trained]) => {
    const gains = trained.map(({ likelihood }, k) => kriged[k].likelihood - likelihood);
    const better = gains.filter((gain) => gain > AS_GOOD * n).length;
    const worse = gains.filter((gain) => gain < -AS_GOOD * n).length;
    const factors = trained.map((one, k) => one.seconds / kriged[k].seconds).sort((a, b) => a - b);
    return [
      name,
      `${number(total(trained))} s`,
      `${number(seconds)} s`,
      ratio(total(trained) / seconds),
      ratio(factors[Math.floor(factors.length / 2)]),
      ratio(factors[0]),
      `${better} / ${gains.length - better - worse} / ${worse}`,
      number(Math.min(...gains)),
    ];
  });
  const head = [
    'Against',
    'its time',
    "Kriged's",
    'total',
    'median',
    'least',
    'better / equal / worse',
    'least gain',
  ];
  return `n = ${n}, ${kriged.length} data sets, ${values.restarts} restarts:\n\n${markdownTable(head, rows)}`;
}

function total(trained: readonly Trained[]): number {
  return trained.reduce((sum, { seconds }) => sum + seconds, 0);
}
