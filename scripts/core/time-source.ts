import type { DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { type Naming, npmName } from "./names.ts";
import { WELL_KNOWN_PACKAGE } from "./well-known-types.ts";

/** The module of a package that its messages with a Timestamp share. Not exported by the package. */
export const TIME_MODULE = "time";

/**
 * ts-proto's helpers lose what is below a millisecond, give dates before 1970 negative nanoseconds, which no other
 * language reads, and encode any date. One copy for each package: what a message needs beside its own file must not
 * be public, and a package of types has no runtime that could hold it.
 */
export function timeSource(naming: Naming): string {
  return `import { Timestamp } from "${npmName(WELL_KNOWN_PACKAGE, naming)}";

/** Where a Date keeps the nanoseconds below its millisecond, and the millisecond to which they belong. */
const NANOS: unique symbol = Symbol.for("charter.rpc.nanos");

interface ExactDate extends Date {
  readonly [NANOS]?: { readonly millis: number; readonly nanos: number };
}

/** Seconds since 1970 of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: the limits of google.protobuf.Timestamp. */
const [FIRST, LAST] = [-62_135_596_800, 253_402_300_799] as const;

export function toTimestamp(date: Date): Timestamp {
  const millis = date.getTime();
  if (Number.isNaN(millis)) throw new TypeError("an invalid Date cannot be a google.protobuf.Timestamp");
  const seconds = Math.floor(millis / 1000);
  if (seconds < FIRST || seconds > LAST) {
    throw new RangeError(\`\${date.toISOString()} cannot be a google.protobuf.Timestamp: the year must be 0001 to 9999\`);
  }
  return { seconds: BigInt(seconds), nanos: (millis - seconds * 1000) * 1_000_000 + belowMillis(date, millis) };
}

export function fromTimestamp({ seconds, nanos }: Timestamp): Date {
  // Rounded down, also where a sender gave a date before 1970 negative nanoseconds.
  const millis = Math.floor(nanos / 1_000_000);
  const below = nanos - millis * 1_000_000;
  const date = new Date(Number(seconds) * 1000 + millis);
  if (below !== 0) {
    const value = { millis: date.getTime(), nanos: below };
    Object.defineProperty(date, NANOS, { value, writable: true, configurable: true });
  }
  return date;
}

export function fromJsonTimestamp(json: unknown): Date {
  if (json instanceof Date) return json;
  const date = fromTimestamp(Timestamp.fromJSON(json));
  toTimestamp(date); // Only for its check of the range.
  return date;
}

export function toJsonTimestamp(date: Date): unknown {
  return Timestamp.toJSON(toTimestamp(date));
}

/** Nothing when the Date was set to another time since. */
function belowMillis(date: ExactDate, millis: number): number {
  const exact = date[NANOS];
  return exact?.millis === millis && exact.nanos > 0 && exact.nanos < 1_000_000 ? exact.nanos : 0;
}
`;
}

/** Whether a file's messages hold a Timestamp, which they then write, read, and have as JSON. */
export function hasTimestamps(file: DescFile): boolean {
  for (const type of nestedTypes(file)) {
    if (type.kind === "message" && type.fields.some((field) => field.message?.typeName === TIMESTAMP)) return true;
  }
  return false;
}

const TIMESTAMP = "google.protobuf.Timestamp";

/** ts-proto's own helpers, each up to the brace that closes it. */
const TS_PROTO_HELPERS = [
  /^function toTimestamp\(date: Date\): Timestamp \{\n[^}]*\};\n *\}\n/m,
  /^function fromTimestamp\(t: Timestamp\): Date \{\n[^}]*\}\n/m,
  /^function fromJsonTimestamp\(o: any\): Date \{\n(?:[^}]*\}){3}\n *\}\n/m,
];

/** A line of code on which ts-proto writes a Date as JSON. Those of a comment begin with a star or a slash. */
const TO_ISO_STRING = /^(?!\s*[*/])(.*?)([\w$.?!]+)\.toISOString\(\)/gm;

/**
 * Lets a module of messages use the package's helpers in the place of ts-proto's.
 * @param root the way from the module to the folder of the package's modules: `../../../`.
 */
export function shareTimeHelpers(text: string, root: string): string {
  const names = "fromJsonTimestamp, fromTimestamp, toJsonTimestamp, toTimestamp";
  return TS_PROTO_HELPERS.reduce((rest, helper) => rest.replace(helper, ""), text)
    .replace(TO_ISO_STRING, (_, before: string, date: string) => `${before}toJsonTimestamp(${date})`)
    .replace(/^import /m, `import { ${names} } from "${root}${TIME_MODULE}.js";\nimport `);
}
