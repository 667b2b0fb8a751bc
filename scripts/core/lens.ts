import type { Change, Difference } from "./change.ts";
import type { Position } from "./finding.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { judge } from "./judge.ts";
import type { MessageSchema, PackageSchema } from "./schema.ts";
import type { WitnessUse } from "./witness-text.ts";

/** What the compiler says of an old consumer against the new packages. */
export interface LensFinding {
  /** The proto package whose consumer no longer compiles. */
  readonly package: string;
  /** What of a schema the consumer used, by its full name. */
  readonly path: string;
  /** What it did there. */
  readonly use: WitnessUse;
  /** In the witness. */
  readonly line: number;
  /** TypeScript's, without the letters: "2339". */
  readonly number: string;
  readonly message: string;
}

/**
 * The findings that no rule announced, as changes of their own.
 * @param before each package as it was.
 */
export function unannounced(
  findings: readonly LensFinding[],
  changes: readonly Change[],
  before: ReadonlyMap<string, PackageSchema>,
): readonly Change[] {
  const breaks = changes.filter(({ breaks }) => breaks.includes("source"));
  return findings.flatMap((each): readonly Change[] => {
    const schema = before.get(each.package);
    const paths = schema === undefined ? [each.path] : withOneof(each.path, schema);
    const own = breaks.filter((change) => change.package === each.package);
    return own.some(({ path }) => paths.some((used) => related(used, path))) ? [] : [disagreement(each, schema)];
  });
}

function disagreement({ package: name, path, use, number, message }: LensFinding, schema?: PackageSchema): Change {
  const difference: Difference = {
    rule: "compiler-disagrees",
    package: name,
    path,
    before: use,
    after: `TS${number}: ${message}`,
    position: schema === undefined ? undefined : positionsOf(schema).get(path),
  };
  // The words are the compiler's, and another release of it may choose others. Several packages may show one type.
  const fingerprint = fingerprintOf({ ...difference, rule: `${difference.rule} ${name}`, after: number });
  return { ...judge(difference), fingerprint };
}

/** One is the other, or declared in it. */
function related(used: string, changed: string): boolean {
  return used === changed || used.startsWith(`${changed}.`) || changed.startsWith(`${used}.`);
}

/** What is written through a oneof breaks with it, and a oneof without members is gone. */
function withOneof(path: string, { messages }: PackageSchema): readonly string[] {
  const parent = path.slice(0, path.lastIndexOf("."));
  const message = messages.get(parent);
  if (message === undefined) return [path];
  const name = path.slice(parent.length + 1);
  const oneof = message.fields.find((field) => field.name === name)?.oneof;
  const members = message.fields.filter((field) => field.oneof === name);
  return [path, ...(oneof === undefined ? [] : [`${parent}.${oneof}`]), ...members.map((field) => field.path)];
}

function positionsOf({ messages, enums, services }: PackageSchema): ReadonlyMap<string, Position> {
  const inMessage = (message: MessageSchema) => [message, ...message.fields, ...message.oneofs];
  const elements = [
    ...[...messages.values()].flatMap(inMessage),
    ...[...enums.values()].flatMap((each) => [each, ...each.values]),
    ...[...services.values()].flatMap((each) => [each, ...each.methods]),
  ];
  return new Map(elements.map(({ path, position }) => [path, position]));
}
