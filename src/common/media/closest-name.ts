/**
 * The name that `wrong` most probably meant, or undefined when none is near: the same letters in another case,
 * or at most one edit away (two for names of six letters and more).
 */
export function closestName(wrong: string, names: readonly string[]): string | undefined {
  const folded = wrong.trim().toLowerCase();
  if (folded.length === 0 || folded.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = folded.length < 6 ? 2 : 3;
  for (const name of names.slice(0, 1000)) {
    if (Math.abs(name.length - folded.length) >= bestDistance) continue;
    const distance = editDistance(folded, name.toLowerCase());
    // One edit turns any one-letter name into any other: that is no resemblance.
    if (distance > 0 && Math.max(folded.length, name.length) < 2) continue;
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}
