import type { Break, Bump } from "./change.ts";

/** A row of the policy. */
export interface Rule {
  /** What breaks for a user of the schema as it was. A break is a major; on an unstable package a minor. */
  readonly breaks: readonly Break[];
  /** For what breaks nothing: what the release is. For a break that no encoding shows: `major`, with the reason in `why`. */
  readonly bump: Bump;
  /**
   * The rule that sees the same change when the sides are swapped; itself for a change of a value. undefined: it is about
   * what was before both sides.
   */
  readonly mirror: string | undefined;
  readonly why: string;
  readonly fix: string;
}

export const NEW_VERSION = "Add it in a new version of the package, or keep the old one beside it and deprecate that.";
export const KEEP = "Keep the old one, and add a new one beside it.";

export function breaks(what: readonly Break[], mirror: string | undefined, why: string, fix: string): Rule {
  return { breaks: what, bump: "major", mirror, why, fix };
}

export function minor(mirror: string, why: string, fix = ""): Rule {
  return { breaks: [], bump: "minor", mirror, why, fix };
}

export function patch(mirror: string | undefined, why: string, fix = ""): Rule {
  return { breaks: [], bump: "patch", mirror, why, fix };
}

/** A change that no message shows and that changes what callers can rely on. */
export function behaviour(mirror: string, why: string, fix: string): Rule {
  return { breaks: [], bump: "major", mirror, why, fix };
}

export const ALL: readonly Break[] = ["wire", "json", "source"];
