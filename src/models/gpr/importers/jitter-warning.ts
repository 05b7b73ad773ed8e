/** What a user should know of a covariance matrix to whose diagonal so much was added. */
export function jitterWarnings(jitter: number): string[] {
  if (jitter === 0) return [];
  return [`${JITTER_WARNING} until ${jitter.toExponential(1)} was added to its diagonal.`];
}

export function isJitterWarning(warning: string): boolean {
  return warning.startsWith(JITTER_WARNING);
}

const JITTER_WARNING = 'The covariance matrix was not positive definite';
