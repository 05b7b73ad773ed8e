import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig, VARIABLES } from '../src/common/config/config.js';

interface Service {
  readonly image: string;
  readonly environment?: Record<string, string>;
  readonly volumes?: readonly string[];
}

/** Not for the server. */
const OTHER_IMAGES = /^postgres:/;

// A key that is there twice is an error here, as it is for Docker.
const { services, volumes } = parse(readFileSync(new URL('../compose.yaml', import.meta.url), 'utf8'), {
  merge: true,
}) as { services: Record<string, Service>; volumes: Record<string, null> };

it('starts servers with settings that there are, which allow each other', () => {
  const names = new Set(Object.values(VARIABLES).map(({ name }) => name));
  const ours = Object.values(services).filter(({ image }) => !OTHER_IMAGES.test(image));
  for (const { environment = {} } of ours) {
    expect(Object.keys(environment).filter((name) => !names.has(name))).toEqual([]);
    const values = Object.entries(environment).map(([name, text]) => [
      name,
      text.replaceAll(/\$\{.*?\}/g, 'x'),
    ]);
    loadConfig(Object.fromEntries(values) as Record<string, string>);
  }
  expect(ours.map(({ environment }) => environment?.['ROLE'])).toEqual([undefined, 'api', 'worker']);
});

it('declares every volume that a service mounts by name', () => {
  const mounted = Object.values(services).flatMap(({ volumes: mounts = [] }) =>
    mounts.map((mount) => mount.split(':')[0]).filter((source) => !source.startsWith('.')),
  );
  expect(Object.keys(volumes).toSorted()).toEqual([...new Set(mounted)].toSorted());
});
