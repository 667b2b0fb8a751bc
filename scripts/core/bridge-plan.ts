import type { DescField } from "@bufbuild/protobuf";
import { FORMATS, type Format } from "./bridge-convert.ts";
import { type Converter, planConverter } from "./bridge-converter.ts";
import { type EnumConverter, planEnum } from "./bridge-enum.ts";
import { insidePackage } from "./bridge-field-path.ts";
import type { BridgeFile } from "./bridge-file.ts";
import type { Hole } from "./bridge-holes.ts";
import { Ledger } from "./bridge-ledger.ts";
import { BridgeNames } from "./bridge-names.ts";
import { type MessagePair, pairVersions } from "./bridge-pairs.ts";
import { type PlannedService, planService } from "./bridge-service.ts";
import { type Finding, finding, type Position } from "./finding.ts";
import type { ProtoPackage } from "./packages.ts";
import type { TypeName } from "./ts-names.ts";

/** Whether a message of one version can be made from the other's without a person, field by field. */
export interface Coverage {
  readonly fields: number;
  readonly mapped: number;
}

export interface BridgePlan {
  readonly file: BridgeFile;
  readonly names: BridgeNames;
  readonly converters: readonly Converter[];
  readonly enums: readonly EnumConverter[];
  readonly services: readonly PlannedService[];
  readonly holes: readonly Hole[];
  /** Losses that the bridge has and nobody has declared. */
  readonly undeclared: readonly { readonly path: string; readonly reason: string }[];
  readonly coverage: Coverage;
  /** Lines of `fields` that a person may mean: a field that is gone and one that is new, of one number and type. */
  readonly suggestions: readonly string[];
  /** What is wrong with the file. */
  readonly findings: readonly Finding[];
}

/** @param filled what the person's file exports. */
export function planBridge(
  old: ProtoPackage,
  now: ProtoPackage,
  file: BridgeFile,
  filled: ReadonlySet<string>,
  nameOf: TypeName,
): BridgePlan {
  const pairs = pairVersions(old, now, file);
  const names = new BridgeNames(old, now, nameOf, pairs);
  const { formats, findings } = checkPaths(file, names);
  const ledger = new Ledger(names, filled, new Set(file.losses.map(({ path }) => path)), formats);
  const ways = ["toNow", "toOld"] as const;
  const converters = pairs.messages.flatMap((pair) => ways.map((way) => planConverter(ledger, pair, way)));
  const enums = pairs.enums.flatMap((pair) => ways.map((way) => planEnum(ledger, pair, way)));
  const services = pairs.services.map((pair) => planService(ledger, pair));
  return {
    file,
    names,
    converters,
    enums,
    services,
    holes: ledger.holes,
    undeclared: ledger.undeclared(),
    coverage: { fields: ledger.fields, mapped: ledger.mapped },
    suggestions: pairs.messages.flatMap(suggest),
    findings: [...pairs.findings, ...findings],
  };
}

/** The formats by path, and what is wrong with the paths of the file. */
function checkPaths(
  file: BridgeFile,
  names: BridgeNames,
): { readonly formats: ReadonlyMap<string, Format>; readonly findings: readonly Finding[] } {
  const known = names.paths();
  const findings: Finding[] = [];
  const formats = new Map<string, Format>();
  const check = (path: string, position: Position): void => {
    if (known.has(path)) return;
    findings.push(finding("bridge-path-absent", { path, nearest: names.nearestPath(path) }, position));
  };
  for (const { path, position } of file.losses) {
    check(path, position);
    if (names.isRequired(path)) findings.push(finding("bridge-loss-required", { path }, position));
  }
  for (const { from, to, position } of file.formats) {
    check(from, position);
    const format = FORMATS.find((each) => each === to);
    if (format !== undefined) formats.set(from, format);
    else findings.push(finding("bridge-format-unknown", { format: to, formats: FORMATS.join(", ") }, position));
  }
  return { formats, findings };
}

/** A number is given away anew by a new version, so that this is a question and no pair. */
function suggest({ old, now, fields }: MessagePair): readonly string[] {
  const [gone, added] = [old, now].map(({ fields: all }) =>
    all.filter((field) => !fields.some((pair) => pair.old[0] === field || pair.now[0] === field)),
  );
  const kindOf = ({ fieldKind, scalar, message, enum: values }: DescField): string =>
    [fieldKind, scalar, message?.name, values?.name].join(" ");
  return (gone ?? []).flatMap((field) => {
    const twin = added?.find((each) => each.number === field.number && kindOf(each) === kindOf(field));
    return twin === undefined ? [] : [`${insidePackage(old)}.${field.name}: ${twin.name}`];
  });
}
