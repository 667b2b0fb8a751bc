import type { DescEnum, DescField, DescFile, DescMessage, DescOneof, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { type Finding, finding } from "./finding.ts";
import { lowerFirst, methodKey, serviceNames } from "./names.ts";
import type { ProtoPackage } from "./packages.ts";
import { type Desc, positionOf } from "./source-info.ts";
import type { TypeName } from "./ts-names.ts";
import { camelName, enumMembers } from "./ts-names.ts";
import { UNRECOGNIZED_NUMBER } from "./ts-proto.ts";

type Named = DescMessage | DescEnum | DescService;

/** Two different names of the schema that would be one name in TypeScript: refused, since either could come first. */
export function checkNames(candidate: ProtoPackage, nameOf: TypeName): readonly Finding[] {
  const findings: Finding[] = [];
  const taken = new Map<string, Named>();
  const told = new Map<Named, Set<Named>>();
  const claim = (name: string, desc: Named): void => {
    const other = taken.get(name);
    if (other === undefined) taken.set(name, desc);
    if (other === undefined || other === desc || told.get(desc)?.has(other)) return;
    // One renaming settles all the names that two types share.
    told.set(desc, (told.get(desc) ?? new Set()).add(other));
    findings.push(clash(name, desc, other));
  };
  for (const file of candidate.files) {
    for (const desc of nestedTypes(file)) {
      if (desc.kind === "message") {
        for (const each of [nameOf(desc), `createBase${nameOf(desc)}`]) claim(each, desc);
        findings.push(...checkMembers(desc));
      } else if (desc.kind === "enum") {
        const name = nameOf(desc);
        for (const each of [name, `${lowerFirst(name)}FromJSON`, `${lowerFirst(name)}ToJSON`]) claim(each, desc);
        findings.push(...checkValues(desc));
      } else if (desc.kind === "service") {
        for (const each of Object.values(serviceNames(desc.name))) claim(each, desc);
        findings.push(...checkUnique(desc.methods, (method) => methodKey(method.name)));
      }
    }
  }
  return findings;
}

function checkMembers(message: DescMessage): readonly Finding[] {
  const members = [...message.fields.filter((field) => field.oneof === undefined), ...message.oneofs];
  // proto2 lets two fields share a JSON name, and with it the name of a oneof's case.
  return [members, ...message.oneofs.map((oneof) => oneof.fields)].flatMap((each) =>
    checkUnique<DescField | DescOneof>(each, (member) => camelName(member.name)),
  );
}

function checkValues(desc: DescEnum): readonly Finding[] {
  const names = enumMembers(desc);
  const members = checkUnique(desc.values, (value) => names.get(value.name) ?? value.name);
  const unrecognized = desc.values.filter((value) => value.number === UNRECOGNIZED_NUMBER);
  return [
    ...members,
    ...unrecognized.map((value) => finding("enum-number-reserved", { value: value.name }, positionOf(value))),
  ];
}

function checkUnique<D extends Exclude<Desc, DescFile>>(
  descs: readonly D[],
  nameOf: (desc: D) => string,
): readonly Finding[] {
  const taken = new Map<string, D>();
  return descs.flatMap((desc) => {
    const name = nameOf(desc);
    const other = taken.get(name);
    if (other !== undefined) return [clash(name, desc, other)];
    taken.set(name, desc);
    return [];
  });
}

function clash(typescript: string, desc: Desc, other: Desc): Finding {
  return finding("name-clash", { name: label(desc), other: label(other), typescript }, positionOf(desc));
}

function label(desc: Desc): string {
  return desc.kind === "file" ? desc.proto.name : desc.toString();
}
