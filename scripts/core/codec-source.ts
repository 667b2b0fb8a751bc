import type { DescFile } from "@bufbuild/protobuf";

/** The module of a package with the types that its codecs share. The package exports them. */
export const CODEC_MODULE = "codec";

/** The types that the index exports from it. No message is called so: see safe-names.ts. */
export const CODEC_TYPES = "DeepPartial, MessageFns";

/**
 * ts-proto declares these types once more in each file and exports none, so that nobody could say in a function of
 * their own what a codec is, and documentation had nothing to show for it.
 */
export function codecSource(): string {
  return `import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

/** What makes, writes and reads the messages of one type: the value that has the message's name. */
export interface MessageFns<T, V extends string> {
  /** The full name of the message in its schema. */
  readonly $type: V;
  /** Writes a message. \`finish()\` of what it gives are the bytes. */
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  /** Reads a message, which then has all its fields. @throws Error for bytes that are no message. */
  decode(input: BinaryReader | Uint8Array, length?: number): T;
  /** Makes a message of what JSON.parse gives. */
  fromJSON(object: unknown): T;
  /** Makes what JSON.stringify takes, with the names that protobuf has in JSON. */
  toJSON(message: T): unknown;
  /** Makes a message; fields that are left out have their defaults. */
  create(base?: DeepPartial<T>): T;
  /** Makes a message; fields that are left out have their defaults. */
  fromPartial(object: DeepPartial<T>): T;
}

/** A message of which any field may be left out, also of the messages inside. */
export type DeepPartial<T> = unknown extends T
  ? T
  : T extends bigint
    ? string | number | bigint
    : T extends Date | Function | Uint8Array | string | number | boolean | undefined
      ? T
      : T extends Array<infer U>
        ? Array<DeepPartial<U>>
        : T extends ReadonlyArray<infer U>
          ? ReadonlyArray<DeepPartial<U>>
          : T extends { $case: string; value: unknown }
            ? { $case: T["$case"]; value?: DeepPartial<T["value"]> }
            : T extends {}
              ? { [K in keyof T]?: DeepPartial<T[K]> }
              : Partial<T>;
`;
}

export function hasMessages({ messages }: DescFile): boolean {
  return messages.length > 0;
}

/** ts-proto's own declarations, each up to its end. */
const TS_PROTO_TYPES = [
  /^type Builtin = .*;\n/m,
  /^type DeepPartial<T> = [^;]*(?:;[^;]*){4}: Partial<T>;\n/m,
  /^interface MessageFns<T, V extends string> \{\n[^}]*\}\n/m,
];

/** What only a few of the well-known types have beside other messages: `Struct.wrap`. */
const WRAPPER = /^interface (\w+WrapperFns) \{/gm;

/**
 * Lets a module of messages use the package's types in the place of ts-proto's.
 * @param root the way from the module to the folder of the package's modules: `../../../`.
 */
export function shareCodecTypes(text: string, root: string): string {
  return TS_PROTO_TYPES.reduce((rest, declaration) => rest.replace(declaration, ""), text)
    .replace(WRAPPER, "/** From and to plain JavaScript. */\nexport interface $1 {")
    .replace(/^import /m, `import type { ${CODEC_TYPES} } from "${root}${CODEC_MODULE}.js";\nimport `);
}
