import { BUSY_FACT } from '../facts.ts';
import { CASES } from '../http/cases.ts';
import { KRIGED, SERVERS } from '../http/servers.ts';
import { markdownTable, number, ratio } from './markdown-table.ts';
import type { Results } from './results.ts';
import { targets } from './targets.ts';

const MB = 1e6;
const MOST_PERCENT_BUSY = 5;
const BUSY_WARNING =
  '**Other work was running on this machine: rates, latencies and ratios are rough. Quote none of them.**';

/** The whole report as Markdown; parts that were not run are left out. */
export function report(results: Results): string {
  const sections: readonly [string, string | undefined][] = [
    ['Targets', targetsTable(results)],
    ['Requests a second', ratesTable(results)],
    ['Latency, processor time and memory', detailsTable(results)],
    ['Single rows while a large request runs', interferenceTable(results)],
    ['Start and idle memory', startUpTable(results)],
    ['Library: microseconds a row, one thread', libraryTable(results)],
    ['Failed', failuresTable(results)],
    ['Machine', factsTable(results)],
  ];
  const busy = Number.parseFloat(results.facts[BUSY_FACT]) > MOST_PERCENT_BUSY ? `${BUSY_WARNING}\n\n` : '';
  const tables = sections
    .filter(([, table]) => table !== undefined)
    .map(([title, table]) => `### ${title}\n\n${table}\n`)
    .join('\n');
  return busy + tables;
}

function targetsTable(results: Results): string {
  const mark = (met: boolean | undefined): string => (met === undefined ? 'not run' : met ? 'met' : 'MISSED');
  return markdownTable(
    ['', 'asked', 'reached', ''],
    targets(results).map(({ what, asked, reached, met }) => [what, asked, reached ?? '–', mark(met)]),
  );
}

/** One line a case; beside each peer's rate, how many times as many requests Kriged answers. */
function ratesTable({ measurements }: Results): string | undefined {
  if (measurements.length === 0) return undefined;
  const rate = (name: string, server: string): number | undefined =>
    measurements.find((one) => one.case === name && one.server === server)?.requestsPerSecond;
  const columns = SERVERS.filter(
    ({ id }) => id !== KRIGED.id && measurements.some(({ server }) => server === id),
  );
  const rows = CASES.filter(({ name }) => measurements.some((one) => one.case === name)).map(({ name }) => {
    const ours = rate(name, KRIGED.id);
    const cells = columns.map(({ id }) => {
      const theirs = rate(name, id);
      if (theirs === undefined) return '–';
      return `${number(theirs)} (${ratio(ours === undefined ? undefined : ours / theirs)})`;
    });
    return [name, number(ours), ...cells];
  });
  return markdownTable(['case', KRIGED.title, ...columns.map(({ title }) => title)], rows);
}

function detailsTable({ measurements }: Results): string | undefined {
  if (measurements.length === 0) return undefined;
  const rows = measurements.map((one) => [
    one.case,
    titleOf(one.server),
    number(one.requestsPerSecond),
    ...[one.latencyMs.p50, one.latencyMs.p90, one.latencyMs.p99, one.cpuMsPerRequest].map(number),
    number(one.peakRssBytes / MB),
  ]);
  return markdownTable(
    ['case', 'server', 'requests/s', 'p50 ms', 'p90 ms', 'p99 ms', 'CPU ms/request', 'peak RSS MB'],
    rows,
  );
}

function interferenceTable({ interference }: Results): string | undefined {
  if (interference.length === 0) return undefined;
  const rows = interference.map((one) => [
    `n = ${one.n}, ${one.format === 'train' ? 'training on ' : ''}${one.bulkRows.toLocaleString('en-US')} rows${one.format === 'train' ? '' : ` (${one.format})`}`,
    titleOf(one.server),
    number(one.bulkSeconds),
    number(one.idle.p99Ms),
    number(one.busy.p99Ms),
    ratio(one.busy.p99Ms / one.idle.p99Ms),
    number(one.idle.requestsPerSecond),
    number(one.busy.requestsPerSecond),
  ]);
  return markdownTable(
    ['', 'server', 'large request s', 'p99 idle ms', 'p99 busy ms', '', 'requests/s idle', 'requests/s busy'],
    rows,
  );
}

function startUpTable({ startUp }: Results): string | undefined {
  if (startUp.length === 0) return undefined;
  const rows = startUp.map((one) => [
    titleOf(one.server),
    String(one.processes),
    number(one.startMs),
    number(one.idleRssBytes / MB),
  ]);
  return markdownTable(['server', 'processes', 'start to first answer ms', 'idle RSS MB'], rows);
}

function libraryTable({ library }: Results): string | undefined {
  if (library.length === 0) return undefined;
  const backends = Object.keys(library[0].kriged);
  const rows = library.map(({ n, rows: m, numpy, dtrsm, kriged }) => [
    `n = ${n}, ${m.toLocaleString('en-US')} ${m === 1 ? 'row' : 'rows'}`,
    number(numpy),
    number(dtrsm),
    ...backends.map((name) => {
      const ours = kriged[name];
      return `${number(ours)} (${ratio(numpy / ours)}; ${ratio(ours / dtrsm)})`;
    }),
  ]);
  const heads = backends.map((name) => `Kriged, ${name} (numpy's time / ours; ours / dtrsm)`);
  return markdownTable(['', 'numpy + OpenBLAS', 'dtrsm alone', ...heads], rows);
}

function failuresTable({ failures }: Results): string | undefined {
  if (failures.length === 0) return undefined;
  const rows = failures.map((one) => [
    one.case,
    titleOf(one.server),
    one.failed.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 300),
  ]);
  return markdownTable(['case', 'server', 'why'], rows);
}

function factsTable({ date, facts, settings }: Results): string {
  const rows = Object.entries({ Date: date, ...facts, ...settings });
  return markdownTable(['', ''], rows);
}

function titleOf(id: string): string {
  return SERVERS.find((server) => server.id === id)?.title ?? id;
}
