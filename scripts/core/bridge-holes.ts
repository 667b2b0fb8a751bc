/** Something that only a person can say, as a function or a value that the person's file exports. */
export interface Hole {
  /** What the file must export: `bookContributorsToV2`. */
  readonly name: string;
  /** Its type, as the generated file of types has it. */
  readonly type: string;
  /** What it is about: `v2.Book.contributors`. */
  readonly path: string;
  /** Whether the bridge cannot do without it. Where a loss is declared, it can. */
  readonly required: boolean;
  readonly filled: boolean;
}

/** The file of a bridge's package that belongs to a person. */
export const HOLES_FILE = "src/holes.ts";

/** @returns the names that a file of holes exports. */
export function exportedNames(text: string): ReadonlySet<string> {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
  const names = [...plain.matchAll(/^export\s+(?:async\s+)?(?:const|let|function\*?)\s+([\w$]+)/gm)].map(
    ([, name]) => name ?? "",
  );
  const lists = [...plain.matchAll(/^export\s*\{([^}]*)\}/gm)].flatMap(([, list = ""]) =>
    list.split(",").flatMap((each) => /([\w$]+)\s*$/.exec(each)?.[1] ?? []),
  );
  return new Set([...names, ...lists]);
}

/** What a file of holes is at first. */
export function newHolesFile(): string {
  return `// What only a person can say. \`charter bridge\` lists what is missing, each with the line to begin with:
//
//   export const bookContributorsToV2: open.BookContributorsToV2 = (from) => …;
//
// Nothing writes to this file again.
`;
}

/** The line that a person begins with. */
export function beginning({ name, type }: Hole): string {
  const isFunction = type.includes("=>");
  return `export const ${name}: open.${typeName(name)} = ${isFunction ? `(${parameters(type)}) => …` : "…"};`;
}

/** The name of a hole's type. */
export function typeName(hole: string): string {
  return hole.slice(0, 1).toUpperCase() + hole.slice(1);
}

function parameters(type: string): string {
  return [...type.slice(0, type.indexOf(") =>")).matchAll(/(\w+): /g)].map(([, name]) => name).join(", ");
}
