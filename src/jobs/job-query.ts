import { closestName } from '../common/media/closest-name.js';
import { describe } from '../common/media/describe.js';
import { InputIssues } from '../common/media/issue.js';
import { JOB_STATES } from './job.js';
import type { JobFilter } from './job-engine.js';
import { isJobId } from './job-id.js';

const FIELDS = {
  state: {
    expected: `one of ${JOB_STATES.join(', ')}`,
    allows: (text) => JOB_STATES.some((s) => s === text),
  },
  type: { expected: 'the name of a job type', allows: (text) => /^[\w.-]{1,64}$/.test(text) },
  parent: { expected: 'the id of a job', allows: isJobId },
  before: { expected: 'the id of a job', allows: isJobId },
  limit: {
    expected: 'a whole number from 1 to 200',
    allows: (text) => /^[1-9]\d{0,2}$/.test(text) && Number(text) <= 200,
  },
} as const satisfies Record<string, { expected: string; allows: (text: string) => boolean }>;

const NAMES = Object.keys(FIELDS);
const USUAL_LIMIT = 50;

/** What `GET /jobs` is asked for. Throws InvalidInputError with each wrong parameter. */
export function readJobFilter(query: Readonly<Record<string, unknown>>): JobFilter {
  const issues = new InputIssues();
  for (const [name, value] of Object.entries(query)) {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof typeof FIELDS] : undefined;
    if (typeof value === 'string' && field?.allows(value) === true) continue;
    const expected = field?.expected ?? `one of ${NAMES.join(', ')}`;
    const near = field ? undefined : closestName(name, NAMES);
    issues.add(() => {
      const received = describe(value);
      const message = `${name} is ${received}, expected ${expected}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
      return { path: name, received, expected, message };
    });
  }
  issues.throwIfAny();
  const { limit = String(USUAL_LIMIT), ...filter } = query as Readonly<Record<string, string>>;
  return { ...filter, limit: Number(limit) };
}

/** The event that a client has seen last, by its Last-Event-ID header; 0 for none. Throws InvalidInputError. */
export function readLastEventId(header: string | string[] | undefined): number {
  if (header === undefined || header === '') return 0;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  const issues = new InputIssues();
  issues.add(() => {
    const path = 'Last-Event-ID';
    const received = describe(header);
    const expected = 'the id of an event of this job';
    return { path, received, expected, message: `${path} is ${received}, expected ${expected}.` };
  });
  issues.throwIfAny();
  return 0;
}
