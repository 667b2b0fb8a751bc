/** The file of a package that holds its witness, so that a later release can be held against it. */
export const WITNESS = "witness.ts";

/** What a consumer does with one element of a schema, as far as the promise of a minor covers it. */
export type WitnessUse =
  | "import"
  | "name"
  | "read"
  | "write"
  | "fill"
  | "convert"
  | "value"
  | "call"
  | "serve"
  | "fake"
  | "schema";

/** What one line of a witness stands for. */
export interface WitnessPlace {
  /** The full name of the element, or the proto package: `bookstore.orders.v2.Order.order_id`. */
  readonly path: string;
  readonly use: WitnessUse;
}

/** The old consumer of one package: a program, and what each of its lines (from 1) is about. */
export interface Witness {
  readonly protoPackage: string;
  readonly source: string;
  readonly places: ReadonlyMap<number, WitnessPlace>;
}

interface Line {
  readonly text: string;
  readonly place: WitnessPlace | undefined;
}

/** Lines, each with its place in a remark. A statement never spans two, so that an error has one place. */
export class WitnessText {
  readonly #lines: Line[] = [];
  #depth = 0;

  line(text: string, path: string, use: WitnessUse): void {
    this.#push(text, { path, use });
  }

  /** A block of its own, so that its names meet no others. */
  block(fill: () => void, head = "{", place?: WitnessPlace): void {
    this.#push(head, place);
    this.#depth++;
    fill();
    this.#depth--;
    this.#push("}", undefined);
  }

  /** @param head the lines that are to come first. */
  finish(protoPackage: string, head: readonly Line[]): Witness {
    const lines = [...head, ...this.#lines].map(({ text, place }) =>
      place === undefined ? text : `${text} // ${shorten(place.path, protoPackage)} ${place.use}`,
    );
    return parseWitness(protoPackage, `${lines.join("\n")}\n`);
  }

  #push(text: string, place: WitnessPlace | undefined): void {
    this.#lines.push({ text: "  ".repeat(this.#depth) + text, place });
  }
}

/** A witness as it was written: now, or for a release of long ago. */
export function parseWitness(protoPackage: string, source: string): Witness {
  const places = source.split("\n").flatMap((line, index) => {
    const [, path, use] = / \/\/ (\S+) (\w+)$/.exec(line) ?? [];
    if (path === undefined) return [];
    return [[index + 1, { path: lengthen(path, protoPackage), use: use as WitnessUse }] as const];
  });
  return { protoPackage, source, places: new Map(places) };
}

/** Inside its own package a path begins with a dot, which no full name does. */
function shorten(path: string, protoPackage: string): string {
  if (path === protoPackage) return ".";
  return protoPackage === "" || path.startsWith(`${protoPackage}.`)
    ? `.${path.slice(protoPackage.length).replace(/^\./, "")}`
    : path;
}

function lengthen(path: string, protoPackage: string): string {
  if (path === ".") return protoPackage;
  if (!path.startsWith(".")) return path;
  return protoPackage === "" ? path.slice(1) : protoPackage + path;
}
