/** The first release with everything that is used here. */
const OLDEST = [24, 16] as const;

/** Why a release of Node.js does not do; undefined where it does. */
export function whyNot(release: string): string | undefined {
  const [major, minor] = release.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `Kriged needs Node.js ${OLDEST.join('.')} or later, and this is ${release}. The right one comes with the project: npm's scripts and "npx node" use it.`;
}

/**
 * Ends a process of another Node.js than the project's with words, before anything is imported that it cannot load: what
 * comes after is to be imported dynamically.
 */
export function requireNode(): void {
  const reason = whyNot(process.versions.node);
  if (reason === undefined) return;
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
