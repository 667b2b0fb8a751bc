/** How many single-letter edits (insert, delete, replace, swap of neighbours) turn `a` into `b`. */
function distance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** The candidate that a misspelt `word` most likely meant, or undefined when none is near (half its length or more away). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let found: string | undefined;
  let least = Math.ceil(word.length / 2);
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < least) {
      found = candidate;
      least = edits;
    }
  }
  return found;
}

/**
 * Refuses keys that no option has, so that a misspelt option fails instead of being ignored.
 * @throws TypeError that names the nearest key, or all of them when none is near.
 */
export function checkKeys(options: object, known: readonly string[], what: string): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      const meant = nearest(key, known);
      const hint = meant === undefined ? `known are ${known.join(", ")}` : `did you mean "${meant}"?`;
      throw new TypeError(`${what} has no option "${key}": ${hint}`);
    }
  }
}
