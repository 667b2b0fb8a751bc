import { type Change, worse } from "./change.ts";
import { describeChange } from "./describe-change.ts";
import { isBreak } from "./judge.ts";

/** The changes as a consumer reads them in a changelog: the breaks first, with what to do instead. Markdown. */
export function tellChanges(changes: readonly Change[]): string {
  const told = [...changes].filter(({ rule }) => !isSilent(rule));
  const breaks = told.filter(isBreak).map((change) => {
    const { what, why } = describeChange(change);
    return `- **Breaking.** ${what} ${why}\n`;
  });
  const others = told
    .filter((change) => !isBreak(change))
    .sort((a, b) => (a.bump === b.bump ? 0 : worse(a.bump, b.bump) === a.bump ? -1 : 1))
    .map((change) => `- ${describeChange(change).what}\n`);
  const silent = changes.length - told.length;
  const rest =
    silent === 0 ? [] : [`- The documentation changed in ${silent === 1 ? "one place" : `${silent} places`}.\n`];
  return [...breaks, ...others, ...rest].join("");
}

/** Changes that are only worth a count: a changelog that repeats comments is not read. */
function isSilent(rule: string): boolean {
  return rule.endsWith("-comment-changed") || rule.endsWith("-reordered");
}
