import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VARIABLES } from '../src/common/config/config.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('lists every environment variable in the README, in the order and with the default of the code', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`)?/gm)].map(([, name, fallback]) => [
    name,
    fallback ?? '',
  ]);
  const expected = Object.values(VARIABLES).map(({ name, fallback }) => [
    name,
    // The default folders are where the project lies, which the README says in words.
    name === 'MODELS_DIR' || name === 'DATA_DIR' ? '' : fallback,
  ]);
  expect(rows).toEqual(expected);
});
