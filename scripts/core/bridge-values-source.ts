/** The helpers that converters use, by name. */
export const VALUES: Readonly<Record<string, string>> = {
  maybe: `export function maybe<A, B>(value: A | undefined, convert: (value: A) => B): B | undefined {
  return value === undefined ? undefined : convert(value);
}
`,
  fit: `/** The nearest number in a range. */
export function fit<N extends number | bigint>(value: N, min: N, max: N): N {
  return value < min ? min : value > max ? max : value;
}
`,
  timeOf: `/** Of RFC 3339; undefined for other texts. */
export function timeOf(text: string): Date | undefined {
  if (!/^\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)$/.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1 ? undefined : time;
}
`,
  textOf: `/** RFC 3339 in UTC, without a fraction that is zero. */
export function textOf(time: Date): string {
  return time.toISOString().replace(".000Z", "Z");
}
`,
  durationOf: `/** @param unit milliseconds. */
export function durationOf(count: number, unit: number): { seconds: bigint; nanos: number } {
  const total = count * unit;
  if (!Number.isFinite(total)) return { seconds: 0n, nanos: 0 };
  const seconds = Math.trunc(total / 1000);
  const whole = Math.min(Math.max(seconds, -315_576_000_000), 315_576_000_000);
  return { seconds: BigInt(whole), nanos: whole === seconds ? Math.round((total / 1000 - seconds) * 1e9) : 0 };
}
`,
  countOf: `/** @param unit milliseconds. */
export function countOf(duration: { readonly seconds: bigint; readonly nanos: number }, unit: number): number {
  return (Number(duration.seconds) * 1000 + duration.nanos / 1e6) / unit;
}
`,
  same: `export function same<T>(value: T): T {
  return value;
}
`,
};

export function valuesSource(): string {
  return `\n${Object.values(VALUES).join("\n")}`;
}

/** What turns the paths of one version into those of the other. */
export const PATHS_SOURCE = `
/**
 * The path of a field in the other version: \`lines[2].price\` keeps its places in lists.
 * @returns undefined for a field that the other version does not have.
 */
export function pathTo(path: string, table: Table | "same" | undefined): string | undefined {
  if (table === undefined || table === "same") return table && path;
  const [, name = "", place = "", rest] = /^([^.[]+)((?:\\[[^\\]]*\\])*)(?:\\.(.*))?$/s.exec(path) ?? [];
  const own = tables[table];
  const found = Object.hasOwn(own, name) ? own[name] : undefined;
  if (found === undefined) return undefined;
  if (rest === undefined) return found[0] + place;
  const inner = pathTo(rest, found[1]);
  return inner === undefined ? undefined : \`\${found[0]}\${place}.\${inner}\`;
}

/** A mask without the paths that the other version does not have. */
export function maskTo(mask: readonly string[], table: Table): string[] {
  return mask.flatMap((path) => pathTo(path, table) ?? []);
}
`;
