import { type Image, readImage } from "../../scripts/core/image.ts";
import { readSchema } from "../../scripts/core/read-schema.ts";
import type { Schema } from "../../scripts/core/schema.ts";
import { buildImage } from "../../scripts/io/buf.ts";
import { temporaryFolder, writeTree } from "../support/tree.ts";

/**
 * Two sides of a schema and the rules that the diff must find between them. A text is the body of
 * `acme/x/v1/x.proto` in proto3; `proto2` and `edition` say otherwise. Several files are given by their names in that
 * folder, or by whole paths from `acme/x/`. The package follows from the path where the text does not begin with one.
 */
export interface Fixture {
  readonly name: string;
  readonly before: Texts;
  readonly after: Texts;
  /** Sorted; a rule that two changes have stands there twice. */
  readonly expect: readonly string[];
  /** The rules that this near miss must not give. */
  readonly not?: readonly string[];
  /** Why no message can show what the rules declare. */
  readonly unproven?: { readonly wire?: string; readonly json?: string };
}

export type Texts = string | Readonly<Record<string, string>>;

export function proto2(body: string): string {
  return `syntax = "proto2"; ${body}`;
}

export function edition(body: string): string {
  return `edition = "2023"; ${body}`;
}

/** The message `M`, in most cases all that there is. */
export function m(fields: string): string {
  return `message M { ${fields} }`;
}

const HINT = "50001";

/** The custom options `message_hint`, `field_hint` … */
export const HINTS = [
  'import "google/protobuf/descriptor.proto";',
  ...["Message", "Field", "Oneof", "Enum", "EnumValue", "Service", "Method"].map(
    (kind) => `extend google.protobuf.${kind}Options { string ${kind.toLowerCase()}_hint = ${HINT}; }`,
  ),
].join(" ");

/** A body in which every kind of element can have the option `hint`. */
export function withHints(body: string): string {
  return `${HINTS} ${body}`;
}

/** One side of all fixtures, each in packages of its own, so that buf runs once. */
export interface Side {
  readonly image: Image;
  /** The packages of one fixture. */
  schemaOf(fixture: Fixture): Schema;
}

export async function compileSides(
  fixtures: readonly Fixture[],
): Promise<{ readonly before: Side; readonly after: Side }> {
  const [before, after] = await Promise.all([
    compileSide(fixtures, (fixture) => fixture.before),
    compileSide(fixtures, (fixture) => fixture.after),
  ]);
  return { before, after };
}

async function compileSide(fixtures: readonly Fixture[], textsOf: (fixture: Fixture) => Texts): Promise<Side> {
  using folder = temporaryFolder();
  writeSide(folder.path, fixtures, textsOf, "version: v2\n");
  const image = readImage(await buildImage({ root: folder.path, exclude: [] }));
  const schema = readSchema(image);
  const schemaOf = (fixture: Fixture): Schema => {
    const prefix = packagePrefix(fixtures.indexOf(fixture));
    return { packages: new Map([...schema.packages].filter(([name]) => name.startsWith(prefix))) };
  };
  return { image, schemaOf };
}

/** Lays one side of all fixtures into a folder, as one module. @param configuration the text of its buf.yaml. */
export function writeSide(
  folder: string,
  fixtures: readonly Fixture[],
  textsOf: (fixture: Fixture) => Texts,
  configuration: string,
): void {
  const files = fixtures.map((fixture, index) => sources(textsOf(fixture), index));
  writeTree(folder, Object.assign({ "buf.yaml": configuration }, ...files));
}

function folderOf(index: number): string {
  return `case${index}`;
}

/** What the full names of a fixture begin with. */
export function packagePrefix(index: number): string {
  return `acme.${folderOf(index)}.`;
}

/** The index of the fixture to which a path or a full name belongs. */
export function fixtureOf(text: string): number | undefined {
  const [, index] = /\bacme[./]case(\d+)[./]/.exec(text) ?? [];
  return index === undefined ? undefined : Number(index);
}

/** Path → text, in the fixture's own folder and package. */
function sources(texts: Texts, index: number): Readonly<Record<string, string>> {
  const byName = typeof texts === "string" ? { "x.proto": texts } : texts;
  const entries = Object.entries(byName).map(([name, text]) => {
    const path = name.includes("/") ? name : `acme/x/v1/${name}`;
    const [, syntax = 'syntax = "proto3";', body = ""] = /^((?:syntax|edition) = "\w+";)?(.*)$/s.exec(text) ?? [];
    const own = `package ${path.slice(0, path.lastIndexOf("/")).replaceAll("/", ".")};`;
    const header = body.trimStart().startsWith("package ") ? syntax : `${syntax}\n${own}`;
    // A number of an extension is taken once in an image.
    const whole = `${header}\n${body}\n`.replaceAll(HINT, `${HINT}${index}`);
    return [path, whole].map((each) => each.replaceAll(/\bacme([./])x([./])/g, `acme$1${folderOf(index)}$2`));
  });
  return Object.fromEntries(entries);
}
