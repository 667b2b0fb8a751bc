import type { DescEnum, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { packageAlias } from "./client-source.ts";
import { lowerFirst } from "./names.ts";
import { enumMembers, propertyOf, type TypeName } from "./ts-names.ts";
import type { WitnessText } from "./witness-text.ts";
import type { WitnessTypes } from "./witness-types.ts";

/** What the parts of a witness are written with. */
export interface WitnessPen {
  readonly text: WitnessText;
  readonly types: WitnessTypes;
  readonly nameOf: TypeName;
  /** Whether a consumer of this package has the runtime, and so its PartialMessage. */
  readonly hasRuntime: boolean;
}

/**
 * Reads, writes and converts a message as a consumer may. Each use of each field is a statement of its own:
 * TypeScript tells only the first unknown property of a literal.
 */
export function witnessMessage(desc: DescMessage, { text, types, nameOf, hasRuntime }: WitnessPen): void {
  const path = desc.typeName;
  const type = types.of(desc);
  text.block(() => {
    text.line(`const codec = own.${nameOf(desc)};`, path, "name");
    text.line(`const message: ${type} = codec.decode(value<Uint8Array>());`, path, "convert");
    text.line(`take<(message: ${type}) => { finish(): Uint8Array }>(codec.encode);`, path, "convert");
    text.line(`take<(object: unknown) => ${type}>(codec.fromJSON);`, path, "convert");
    text.line("take<unknown>(codec.toJSON(message));", path, "convert");
    text.line(`take<() => ${type}>(codec.create);`, path, "convert");
    text.line(`take<(object: {}) => ${type}>(codec.fromPartial);`, path, "convert");
    text.line("take<string>(codec.$type);", path, "convert");
    const fill: Fill = (literal, written, of) => {
      if (hasRuntime) text.line(`take<rpc.PartialMessage<${type}>>(${written});`, of, "write");
      text.line(`codec.fromPartial(${literal});`, of, "fill");
    };
    witnessFields(desc, { text, types }, fill);
  });
}

/** Reads and writes what belongs to another package, and comes with this one because it shows it. */
export function witnessForeign(desc: DescMessage | DescEnum, { text, types, nameOf, hasRuntime }: WitnessPen): void {
  const path = desc.typeName;
  const type = types.of(desc);
  text.block(() => {
    if (desc.kind === "enum") {
      const members = enumMembers(desc);
      for (const { name } of desc.values) {
        const member = `${packageAlias(desc.file.proto.package)}.${nameOf(desc)}.${members.get(name) ?? name}`;
        text.line(`take<${type}>(value<${member}>());`, `${path}.${name}`, "value");
      }
      return;
    }
    text.line(`const message = value<${type}>();`, path, "read");
    witnessFields(desc, { text, types }, (_, written, of) => {
      if (hasRuntime) text.line(`take<rpc.PartialMessage<${type}>>(${written});`, of, "write");
    });
  });
}

/** @param fill writes a field that is given as a literal: for a whole message, and for a partial one. */
type Fill = (literal: string, written: string, path: string) => void;

function witnessFields(desc: DescMessage, { text, types }: Pick<WitnessPen, "text" | "types">, fill: Fill): void {
  for (const field of desc.fields) {
    if (field.oneof !== undefined) continue;
    const path = `${desc.typeName}.${field.name}`;
    const property = propertyOf(field.name);
    const literal = (fieldType: string): string => `{ ${keyOf(property)}: value<${fieldType}>() }`;
    text.line(`take<${types.read(field)}>(message${access(property)});`, path, "read");
    fill(literal(types.fill(field)), literal(types.write(field)), path);
  }
  for (const oneof of desc.oneofs) witnessOneof(oneof, { text, types }, fill);
}

function witnessOneof(oneof: DescOneof, { text, types }: Pick<WitnessPen, "text" | "types">, fill: Fill): void {
  const property = propertyOf(oneof.name);
  const key = keyOf(property);
  const message = oneof.parent.typeName;
  const path = `${message}.${oneof.name}`;
  text.block(() => {
    // Held in a variable, so that a oneof that is gone is one error.
    text.line(`const chosen = message${access(property)};`, path, "read");
    text.block(
      () => {
        for (const field of oneof.fields) {
          const name = JSON.stringify(propertyOf(field.name));
          text.line(
            `case ${name}: take<${types.read(field)}>(chosen.value); break;`,
            `${message}.${field.name}`,
            "read",
          );
        }
        text.line("default:", path, "read");
      },
      "switch (chosen?.$case) {",
      { path, use: "read" },
    );
  });
  fill(`{ ${key}: undefined }`, `{ ${key}: undefined }`, path);
  for (const field of oneof.fields) {
    const literal = (fieldType: string): string =>
      `{ ${key}: { $case: ${JSON.stringify(propertyOf(field.name))}, value: value<${fieldType}>() } }`;
    fill(literal(types.fill(field)), literal(types.write(field)), `${message}.${field.name}`);
  }
}

/** Of the field `_1` only `1` is left. */
function isIdentifier(property: string): boolean {
  return /^[A-Za-z_$]/.test(property);
}

function keyOf(property: string): string {
  return isIdentifier(property) ? property : JSON.stringify(property);
}

function access(property: string): string {
  return isIdentifier(property) ? `.${property}` : `[${JSON.stringify(property)}]`;
}

/** Each value of an enum as a value, as a type, and in a switch that has a default. */
export function witnessEnum(desc: DescEnum, { text, types, nameOf }: WitnessPen): void {
  const path = desc.typeName;
  const name = nameOf(desc);
  const type = types.of(desc);
  const members = enumMembers(desc);
  text.block(() => {
    text.line(`const values = own.${name};`, path, "name");
    text.line(`take<(object: unknown) => ${type}>(own.${lowerFirst(name)}FromJSON);`, path, "convert");
    text.line(`take<(object: ${type}) => string>(own.${lowerFirst(name)}ToJSON);`, path, "convert");
    text.line(`take<${type}>(values.UNRECOGNIZED);`, path, "value");
    text.block(
      () => {
        for (const { name: valueName } of desc.values) {
          const member = members.get(valueName) ?? valueName;
          const code = `case values.${member}: take<own.${name}.${member}>(values.${member}); break;`;
          text.line(code, `${path}.${valueName}`, "value");
        }
        text.line("default:", path, "value");
      },
      `switch (value<${type}>()) {`,
      { path, use: "value" },
    );
  });
}
