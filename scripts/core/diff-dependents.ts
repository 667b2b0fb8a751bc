import type { Change, Difference } from "./change.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { isBreak, judge } from "./judge.ts";
import { compare } from "./packages.ts";
import { type EnumSchema, type MessageSchema, type PackageSchema, type Schema, typeOf } from "./schema.ts";

/**
 * What the changes of other packages are to the packages that show their types. Who upgrades a package gets the types of
 * its dependencies with it, so that a break there is a break here, and an addition an addition.
 * @param changes of all packages.
 */
export function diffDependents(before: Schema, after: Schema, changes: readonly Change[]): readonly Change[] {
  const visible = changes.filter((change) => isBreak(change) || change.bump === "minor");
  if (visible.length === 0) return [];
  const [old, now] = [typesOf(before), typesOf(after)];
  const byType = new Map<string, Change[]>();
  for (const change of visible) {
    const owner = ownerOf(change, old, now);
    if (owner === undefined) continue;
    const found = byType.get(owner);
    if (found === undefined) byType.set(owner, [change]);
    else found.push(change);
  }
  return [...before.packages].flatMap(([name, schema]) => {
    const current = after.packages.get(name);
    if (current === undefined) return [];
    const shows = new Set([...shownTypes(schema, old), ...shownTypes(current, now)]);
    return [...shows].sort(compare).flatMap((type) => (byType.get(type) ?? []).map((cause) => inherit(cause, name)));
  });
}

function inherit(cause: Change, name: string): Change {
  const { path, before, after, position, breaks } = cause;
  const rule = isBreak(cause) ? "dependency-broken" : "dependency-extended";
  const difference: Difference = { rule, package: name, path, before, after, position };
  // Several rules may tell one pair of texts, and several packages may show one type.
  const fingerprint = fingerprintOf({ ...difference, rule: `${rule} ${name} ${cause.rule}` });
  return { ...judge(difference), breaks, fingerprint };
}

type Types = (name: string) => MessageSchema | EnumSchema | undefined;

function typesOf(schema: Schema): Types {
  const found = new Map<string, MessageSchema | EnumSchema | undefined>();
  return (name) => {
    if (!found.has(name)) found.set(name, typeOf(schema, name));
    return found.get(name);
  };
}

/** The message or enum that changed, or whose part did; undefined for what is neither. */
function ownerOf({ path }: Change, old: Types, now: Types): string | undefined {
  const isType = (name: string): boolean => old(name) !== undefined || now(name) !== undefined;
  if (isType(path)) return path;
  const parent = path.slice(0, path.lastIndexOf("."));
  return isType(parent) ? parent : undefined;
}

/** The messages and enums of other packages that a package's own fields and rpcs lead to, through any number of others. */
function shownTypes({ messages, enums, services }: PackageSchema, types: Types): ReadonlySet<string> {
  const shown = new Set<string>();
  const visit = (name: string): void => {
    const type = types(name);
    // A well-known type is in no package here.
    if (type === undefined || messages.has(name) || enums.has(name) || shown.has(name)) return;
    shown.add(name);
    if ("fields" in type) for (const field of type.fields) visit(field.type.name);
  };
  for (const message of messages.values()) for (const field of message.fields) visit(field.type.name);
  for (const { methods } of services.values()) {
    for (const { input, output } of methods) {
      visit(input);
      visit(output);
    }
  }
  return shown;
}
