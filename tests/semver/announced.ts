import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import type { Change } from "../../scripts/core/change.ts";
import type { Evidence } from "./prove.ts";

interface Sides {
  readonly old: FileRegistry;
  readonly now: FileRegistry;
  readonly renames: ReadonlyMap<string, string>;
}

/**
 * Whether a change announces what was seen: it declares the encoding, and is about the type, a part of it, or a type that
 * its messages can hold. A break of something else does not excuse it.
 */
export function isAnnounced({ type, encoding }: Evidence, changes: readonly Change[], sides: Sides): boolean {
  const now = sides.renames.get(type) ?? type;
  const names = new Set([...heldBy(type, sides.old), ...heldBy(now, sides.now)]);
  const isAbout = ({ path }: Change): boolean => names.has(path) || names.has(path.slice(0, path.lastIndexOf(".")));
  return changes.some((change) => change.breaks.includes(encoding) && isAbout(change));
}

/** The full names of a type and of all that its messages can hold. */
function heldBy(name: string, registry: FileRegistry): ReadonlySet<string> {
  const found = new Set([name]);
  const visit = (message: DescMessage): void => {
    for (const { message: held, enum: values } of message.fields) {
      if (values !== undefined) found.add(values.typeName);
      if (held === undefined || found.has(held.typeName)) continue;
      found.add(held.typeName);
      visit(held);
    }
  };
  const message = registry.getMessage(name);
  if (message !== undefined) visit(message);
  return found;
}

/** Old full name → new one, of the messages that the changes say were renamed. */
export function renamesOf(changes: readonly Change[]): ReadonlyMap<string, string> {
  const renamed = changes.filter(({ rule }) => rule === "message-renamed");
  return new Map(renamed.map((change) => [change.before, change.after]));
}
