import { type BridgeEntry, type BridgeFile, emptyBridgeFile } from "./bridge-file.ts";
import type { Change } from "./change.ts";
import { diff } from "./diff.ts";
import type { Given } from "./pair.ts";
import { newPath } from "./rewrite-version.ts";
import type {
  EnumSchema,
  FieldSchema,
  FileSchema,
  MessageSchema,
  PackageSchema,
  Schema,
  ServiceSchema,
} from "./schema.ts";

/**
 * What somebody meets who goes from one version of an API to another: the diff as if the one had become the other. Names
 * are told as the old version has them, positions are in the new one.
 * @param schema has both.
 * @param file what a person has said of the two.
 */
export function diffVersions(
  schema: Schema,
  from: string,
  to: string,
  file: BridgeFile = emptyBridgeFile(from, to),
): readonly Change[] {
  const [old, now] = [schema.packages.get(from), schema.packages.get(to)];
  if (old === undefined || now === undefined) throw new Error(`the schema lacks ${from} or ${to}`);
  const others = [...schema.packages].filter(([name]) => name !== from && name !== to);
  const before = { packages: new Map([...others, [from, old] as const]) };
  const after = { packages: new Map([...others, [from, renamePackage(now, to, from)] as const]) };
  return diff(before, after, new Map(), givenBy(file)).filter((change) => change.package === from);
}

/** What a bridge's file says belongs together, as if both versions had the old one's name. */
function givenBy({ old, types, fields, values, methods }: BridgeFile): Given {
  const renamed = new Map(types.map(({ from, to }) => [from, to]));
  const inside = ({ from, to }: BridgeEntry): readonly (readonly [string, string])[] => {
    const parent = from.slice(0, from.lastIndexOf("."));
    // What moved into a message has no counterpart beside it.
    return to.includes(".") ? [] : [[`${old}.${from}`, `${old}.${renamed.get(parent) ?? parent}.${to}`]];
  };
  return new Map([
    ...types.map(({ from, to }) => [`${old}.${from}`, `${old}.${to}`] as const),
    ...[...fields, ...values, ...methods].flatMap(inside),
  ]);
}

/** A package as if it had another name: its types, what refers to them, and its files. */
function renamePackage(own: PackageSchema, from: string, to: string): PackageSchema {
  const name = (full: string): string => (full.startsWith(`${from}.`) ? to + full.slice(from.length) : full);
  const paths = new Set(own.files.map(({ path }) => path));
  const file = (path: string): string => (paths.has(path) ? newPath(path, { from, to }) : path);
  const renamed = <T extends { readonly path: string }>(
    all: ReadonlyMap<string, T>,
    rename: (each: T) => T,
  ): ReadonlyMap<string, T> =>
    new Map([...all].map(([full, each]) => [name(full), { ...rename(each), path: name(full) }]));
  const field = (each: FieldSchema): FieldSchema => ({
    ...each,
    path: name(each.path),
    type: { ...each.type, name: name(each.type.name) },
    extendee: each.extendee === undefined ? undefined : name(each.extendee),
  });
  return {
    name: to,
    files: own.files.map(
      (each): FileSchema => ({ ...each, path: file(each.path), publicImports: each.publicImports.map(file) }),
    ),
    messages: renamed(
      own.messages,
      (each): MessageSchema => ({
        ...each,
        file: file(each.file),
        fields: each.fields.map(field),
        oneofs: each.oneofs.map((oneof) => ({ ...oneof, path: name(oneof.path) })),
      }),
    ),
    enums: renamed(
      own.enums,
      (each): EnumSchema => ({
        ...each,
        file: file(each.file),
        values: each.values.map((value) => ({ ...value, path: name(value.path) })),
      }),
    ),
    services: renamed(
      own.services,
      (each): ServiceSchema => ({
        ...each,
        file: file(each.file),
        methods: each.methods.map((method) => ({
          ...method,
          path: name(method.path),
          input: name(method.input),
          output: name(method.output),
        })),
      }),
    ),
    extensions: renamed(own.extensions, field),
  };
}
