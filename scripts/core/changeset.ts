import { BUMPS, type Change, worst } from "./change.ts";
import { CHANGESETS, type Changeset, renderChangeset } from "./changeset-file.ts";
import { type Finding, finding } from "./finding.ts";
import { type Naming, npmName, packageFolder } from "./names.ts";

export { CHANGESETS, type Changeset, parseChangeset } from "./changeset-file.ts";

/** What a package's changes demand. */
export interface Demand {
  readonly npm: string;
  readonly folder: string;
  readonly changes: readonly Change[];
}

/** A file to write, or to remove when `text` is undefined. */
export interface ChangesetEdit {
  readonly file: string;
  readonly text: string | undefined;
}

/**
 * The fewest edits after which the changesets tell each change just once, and no change that is no more. A person's words
 * and a bump that a person raised stay; a file without either that has nothing left to tell goes.
 * @param tell the words for some changes of one package, in Markdown.
 */
export function planChangesets(
  demands: readonly Demand[],
  existing: readonly Changeset[],
  tell: (changes: readonly Change[]) => string,
): readonly ChangesetEdit[] {
  const edits: ChangesetEdit[] = [];
  for (const { npm, folder, changes } of demands) {
    const open = new Map(changes.map((change) => [change.fingerprint, change]));
    for (const changeset of ofPackage(existing, npm)) {
      const told = changeset.covers.flatMap((fingerprint) => open.get(fingerprint) ?? []);
      for (const { fingerprint } of told) open.delete(fingerprint);
      const edit = rewrite(changeset, npm, told, tell);
      if (edit !== undefined) edits.push(edit);
    }
    const rest = [...open.values()];
    if (rest.length > 0) edits.push(newChangeset(npm, folder, rest, tell));
  }
  const demanded = new Set(demands.map(({ npm }) => npm));
  for (const changeset of existing) {
    const [name] = changeset.releases.keys();
    if (changeset.covers.length === 0 || name === undefined || demanded.has(name)) continue;
    const edit = rewrite(changeset, name, [], tell);
    if (edit !== undefined) edits.push(edit);
  }
  return edits;
}

/** Our changesets of a package, in the order of their files. */
function ofPackage(existing: readonly Changeset[], npm: string): readonly Changeset[] {
  return existing
    .filter(({ covers, releases }) => covers.length > 0 && releases.has(npm))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function rewrite(
  changeset: Changeset,
  npm: string,
  told: readonly Change[],
  tell: (changes: readonly Change[]) => string,
): ChangesetEdit | undefined {
  const words = (changeset.before + changeset.after).trim() !== "";
  if (told.length === 0 && !words) return { file: changeset.file, text: undefined };
  const covers = told.map(({ fingerprint }) => fingerprint);
  const computed = worst(told.map(({ bump }) => bump));
  const before = changeset.releases.get(npm) ?? "none";
  // A bump that stands above what our part asked for was raised by a person.
  const same = covers.join() === changeset.covers.join();
  const bump = same ? worst([computed, before]) : told.length === 0 ? before : computed;
  const releases = new Map(changeset.releases).set(npm, bump);
  const text = renderChangeset({ ...changeset, releases, covers, told: told.length === 0 ? "" : tell(told) });
  if (text === renderChangeset(changeset)) return undefined;
  return { file: changeset.file, text: text.replaceAll("\n", changeset.lineEnd) };
}

function newChangeset(
  npm: string,
  folder: string,
  changes: readonly Change[],
  tell: (changes: readonly Change[]) => string,
): ChangesetEdit {
  const [first] = changes;
  const releases = new Map([[npm, worst(changes.map(({ bump }) => bump))]]);
  const covers = changes.map(({ fingerprint }) => fingerprint);
  const text = renderChangeset({ releases, covers, told: tell(changes), before: "", after: "" });
  // Two branches that change a package in two ways write two files, so that they merge.
  return { file: `${CHANGESETS}/charter-${folder}-${first?.fingerprint}.md`, text };
}

/**
 * Whether the changesets ask for what the changes demand: a finding for each package with too low a bump or none, and
 * for each package that is named and is not there.
 */
export function checkChangesets(
  demands: readonly Demand[],
  existing: readonly Changeset[],
  known: ReadonlySet<string>,
): readonly Finding[] {
  const missing = demands.flatMap(({ npm, changes }): readonly Finding[] => {
    const demanded = worst(changes.map(({ bump }) => bump));
    const given = worst(existing.map(({ releases }) => releases.get(npm) ?? "none"));
    if (BUMPS.indexOf(given) >= BUMPS.indexOf(demanded)) return [];
    return [finding(given === "none" ? "changeset-missing" : "changeset-too-low", { npm, demanded, given })];
  });
  const unknown = existing.flatMap(({ places }) =>
    [...places]
      .filter(([npm]) => !known.has(npm))
      .map(([npm, at]) => finding("changeset-unknown-package", { npm }, at)),
  );
  return [...missing, ...unknown];
}

/**
 * What the changes demand of the packages that are there.
 * @param known their npm names. A package that is gone is not released, so nothing is demanded of it.
 */
export function demandsOf(changes: readonly Change[], naming: Naming, known: ReadonlySet<string>): readonly Demand[] {
  const byPackage = new Map<string, Change[]>();
  for (const change of changes) {
    const own = byPackage.get(change.package);
    if (own === undefined) byPackage.set(change.package, [change]);
    else own.push(change);
  }
  return [...byPackage]
    .map(([name, own]) => ({ npm: npmName(name, naming), folder: packageFolder(name, naming), changes: own }))
    .filter(({ npm }) => known.has(npm));
}
