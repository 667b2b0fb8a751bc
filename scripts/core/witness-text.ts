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

/** Lines with their places. A statement never spans two, so that an error has one place. */
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
    const lines = [...head, ...this.#lines];
    const places = lines.flatMap(({ place }, index) => (place === undefined ? [] : [[index + 1, place] as const]));
    return { protoPackage, source: lines.map(({ text }) => `${text}\n`).join(""), places: new Map(places) };
  }

  #push(text: string, place: WitnessPlace | undefined): void {
    this.#lines.push({ text: "  ".repeat(this.#depth) + text, place });
  }
}
