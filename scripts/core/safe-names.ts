/**
 * Names that a schema may use and TypeScript, or the code that ts-proto writes around them, may not.
 *
 * Each rename depends on the name alone and on nothing beside it, so that no addition to a schema ever changes what
 * something else is called. `$` cannot occur in a proto identifier, so a renamed one never meets a real one.
 */

/** Keywords and primitive types: no type and no member of a namespace may be called so. */
const KEYWORDS =
  "any as async await bigint boolean break case catch class const continue debugger declare default delete do else " +
  "enum export extends false finally for from function get if implements import in instanceof interface let never " +
  "new null number object of package private protected public return set static string super switch symbol this " +
  "throw true try type typeof undefined unknown var void while with yield arguments eval";

/** Words that begin a type of their own: `MessageFns<keyof, …>` would be read otherwise. */
const TYPE_OPERATORS = "infer keyof readonly unique";

/** Globals that the output refers to, and what any reader of a `.d.ts` takes for a global. */
const GLOBALS =
  "Array ArrayBuffer AsyncIterable AsyncIterator BigInt Boolean Buffer Date Error Exclude Function globalThis Infinity " +
  "Iterable Iterator Map NaN Number Object Omit Partial Promise Readonly ReadonlyArray Record RegExp Set String " +
  "Symbol TypeError Uint8Array parseInt";

/** Helpers that ts-proto declares in a file when it needs them. */
const HELPERS =
  "AnyValueWrapperFns BinaryReader BinaryWriter Builtin DeepPartial Exact FieldMaskWrapperFns KeysOfUnion " +
  "ListValueWrapperFns Long MessageFns StructWrapperFns anyJsonValueTypes base64FromBytes bytesFromBase64 fail " +
  "floatToJson fromJsonTimestamp fromTimestamp isObject isSet longToNumber numberToLong timestampFractionRegex " +
  "timestampFromJson timestampJsonRegex timestampToJson toTimestamp";

/** Variables of the functions that ts-proto writes: inside of them, a type of that name could not be reached. */
const LOCALS =
  "acc base buf e end entries entry i input k key length list message obj previousRecursionDepth reader tag v value " +
  "values writer";

/** Those of which a function has several. */
const NUMBERED_LOCAL = /^(?:end|entry|tag)\d+$/;

/** The names by which our own part of the output knows its runtime and the modules beside it. */
const OURS = "marks rpc server testing toJsonTimestamp";

const RESERVED_TYPES: ReadonlySet<string> = new Set(
  [KEYWORDS, TYPE_OPERATORS, GLOBALS, HELPERS, LOCALS, OURS].join(" ").split(" "),
);

/**
 * Members of a namespace are declared as types, so the keywords are out; `UNRECOGNIZED` is the member that ts-proto
 * adds for what it does not know.
 */
const RESERVED_ENUM_MEMBERS: ReadonlySet<string> = new Set([...KEYWORDS.split(" "), "UNRECOGNIZED"]);

/** What every object inherits: such a property would be read where it was never set. */
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

const RESERVED_FIELDS: ReadonlySet<string> = new Set([...INHERITED, "_unknownFields", "$case"]);

/** `then` would make a client look like a promise; `close` is the client's own, `calls` the fake's. */
const RESERVED_METHODS: ReadonlySet<string> = new Set([...INHERITED, "then", "close", "calls"]);

/** Google's Timestamp is imported under its own name wherever a field has that type. */
const RESERVED_OUTSIDE_WELL_KNOWN: ReadonlySet<string> = new Set(["Timestamp"]);

/** @param name the name that ts-proto would give a top-level message or enum. */
export function isReservedType(name: string, wellKnown: boolean): boolean {
  // ts-proto itself renames `Date` and `Function`.
  if (name === "Date" || name === "Function") return false;
  // Of `_` nothing is left in camelCase.
  if (name === "" || RESERVED_TYPES.has(name) || NUMBERED_LOCAL.test(name)) return true;
  return !wellKnown && RESERVED_OUTSIDE_WELL_KNOWN.has(name);
}

export function isReservedEnumMember(name: string): boolean {
  return RESERVED_ENUM_MEMBERS.has(name);
}

/**
 * @param protoName of the field or oneof: JSON may use it too.
 * @param property its name in TypeScript.
 */
export function isReservedField(protoName: string, property: string): boolean {
  return property === "" || RESERVED_FIELDS.has(protoName) || RESERVED_FIELDS.has(property);
}

export function isReservedMethod(name: string): boolean {
  return RESERVED_METHODS.has(name);
}

/** Whether an object that lacks this key still answers to it. */
export function isInherited(jsonName: string): boolean {
  return INHERITED.has(jsonName);
}

export function renamed(name: string): string {
  return `${name}$`;
}
