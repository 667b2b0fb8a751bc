import { type Given, NOTHING_GIVEN, type Pairing, pairBy, pairGiven, unpaired } from "./pair.ts";
import type { EnumSchema, MessageSchema, PackageSchema, ServiceSchema } from "./schema.ts";
import { enumPrefix } from "./ts-names.ts";

/**
 * The types of a package on both sides: by full name, then what a renamed type carried along, then by shape: what is
 * gone and what is new, of one shape that only these two have, is one type that was renamed.
 */
export interface TypePairing {
  readonly messages: Pairing<MessageSchema>;
  readonly enums: Pairing<EnumSchema>;
  readonly services: Pairing<ServiceSchema>;
  /** Old full name → new one, for types that have another one now. */
  readonly renames: ReadonlyMap<string, string>;
  /** Those that only have another name because what they are declared in was renamed. */
  readonly carried: ReadonlySet<string>;
}

export function pairTypes(before: PackageSchema, after: PackageSchema, given: Given = NOTHING_GIVEN): TypePairing {
  const path = ({ path }: { readonly path: string }): string => path;
  const outer = topDown(before, after, path, given);
  const carry = (old: string): string | undefined => {
    const parent = old.slice(0, old.lastIndexOf("."));
    const renamed = outer.get(parent);
    return renamed === undefined ? undefined : renamed + old.slice(parent.length);
  };
  const side = (schemas: ReadonlyMap<string, unknown>) => (item: { readonly path: string }) =>
    schemas.get(item.path) === item ? (carry(item.path) ?? item.path) : item.path;
  const messages = pairBy(
    pairBy(pairGiven(unpaired(before.messages.values(), after.messages.values()), given), side(before.messages)),
    messageShape,
  );
  const enums = pairBy(
    pairBy(pairGiven(unpaired(before.enums.values(), after.enums.values()), given), side(before.enums)),
    enumShape,
  );
  const services = pairBy(pairBy(unpaired(before.services.values(), after.services.values()), path), serviceShape);
  const all = [...messages.pairs, ...enums.pairs, ...services.pairs].filter(([old, now]) => old.path !== now.path);
  return {
    messages,
    enums,
    services,
    renames: new Map(all.map(([old, now]) => [old.path, now.path])),
    carried: new Set(all.filter(([old, now]) => carry(old.path) === now.path).map(([old]) => old.path)),
  };
}

/** The messages that were renamed, with all that is declared in them, outer before inner. */
function topDown(
  before: PackageSchema,
  after: PackageSchema,
  path: (item: { readonly path: string }) => string,
  given: Given,
): ReadonlyMap<string, string> {
  const byName = pairBy(pairGiven(unpaired(before.messages.values(), after.messages.values()), given), path);
  const { pairs } = pairBy(byName, messageShape);
  const renames = new Map(
    pairs.filter(([old, now]) => old.path !== now.path).map(([old, now]) => [old.path, now.path]),
  );
  for (const name of [...before.messages.keys()].sort()) {
    const parent = name.slice(0, name.lastIndexOf("."));
    const renamed = renames.get(parent);
    if (renamed === undefined) continue;
    const carried = renamed + name.slice(parent.length);
    if (after.messages.has(carried) && !before.messages.has(carried)) renames.set(name, carried);
  }
  return renames;
}

/** Fields without the types that they refer to: those may have been renamed along with the message. */
function messageShape({ fields }: MessageSchema): string | undefined {
  if (fields.length === 0) return undefined;
  return fields
    .map(({ name, number, cardinality, type }) => `${number} ${name} ${cardinality} ${type.kind}`)
    .sort()
    .join("; ");
}

/** Values without the prefix that follows the name of the enum. */
function enumShape({ name, values }: EnumSchema): string | undefined {
  const prefix = enumPrefix(name);
  return values
    .map((value) => `${value.number} ${value.name.startsWith(prefix) ? value.name.slice(prefix.length) : value.name}`)
    .sort()
    .join("; ");
}

function serviceShape({ methods }: ServiceSchema): string | undefined {
  if (methods.length === 0) return undefined;
  return methods
    .map(({ name, streamsIn, streamsOut }) => `${name} ${streamsIn} ${streamsOut}`)
    .sort()
    .join("; ");
}
