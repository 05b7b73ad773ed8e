import { describe } from '../common/media/describe.js';
import { InvalidInputError } from '../common/media/issue.js';
import { issue } from '../common/media/value-issue.js';
import { LISTED_RESIDUALS } from './diagnostics.service.js';

const MOST_LISTED = 10_000;

/** How many residuals a query asks for. Throws InvalidInputError. */
export function readListed(query: Readonly<Record<string, unknown>>): number {
  const unknown = Object.keys(query).filter((name) => name !== 'residuals');
  if (unknown.length > 0) {
    throw new InvalidInputError(
      unknown.map((name) => issue(name, describe(query[name]), 'absent', 'the only option is residuals')),
    );
  }
  const { residuals } = query;
  if (residuals === undefined) return LISTED_RESIDUALS;
  const listed = typeof residuals === 'string' && /^\d{1,5}$/.test(residuals) ? Number(residuals) : Infinity;
  if (listed <= MOST_LISTED) return listed;
  throw new InvalidInputError([
    issue('residuals', describe(residuals), `a whole number from 0 to ${MOST_LISTED}`),
  ]);
}
