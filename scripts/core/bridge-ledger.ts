import type { DescField } from "@bufbuild/protobuf";
import type { Format } from "./bridge-convert.ts";
import type { Hole } from "./bridge-holes.ts";
import type { BridgeNames } from "./bridge-names.ts";

/** What is known while a bridge is planned, and what the planning finds. */
export class Ledger {
  readonly names: BridgeNames;
  readonly holes: Hole[] = [];
  readonly #filled: ReadonlySet<string>;
  readonly #declared: ReadonlySet<string>;
  readonly #formats: ReadonlyMap<string, Format>;
  readonly #needed = new Map<string, string>();
  /** Fields that were asked for, and those that need no person. */
  fields = 0;
  mapped = 0;

  /**
   * @param filled what the person's file exports.
   * @param declared the paths of the losses.
   * @param formats by path.
   */
  constructor(
    names: BridgeNames,
    filled: ReadonlySet<string>,
    declared: ReadonlySet<string>,
    formats: ReadonlyMap<string, Format>,
  ) {
    this.names = names;
    this.#filled = filled;
    this.#declared = declared;
    this.#formats = formats;
  }

  isFilled(hole: string): boolean {
    return this.#filled.has(hole);
  }

  isDeclared(path: string): boolean {
    return this.#declared.has(path);
  }

  formatOf(field: DescField): Format | undefined {
    return this.#formats.get(this.names.pathOf(field.parent, field.name));
  }

  /** Asks a person. */
  hole(name: string, path: string, type: string, required = !this.isDeclared(path)): Hole {
    const hole = { name, type, path, required, filled: this.isFilled(name) };
    this.holes.push(hole);
    return hole;
  }

  /** Says that something does not come back. */
  need(path: string, reason: string): void {
    const before = this.#needed.get(path);
    if (before === undefined) this.#needed.set(path, reason);
    else if (!before.includes(reason)) this.#needed.set(path, `${before}; ${reason}`);
  }

  /** What does not come back, and nobody has declared. */
  undeclared(): readonly { readonly path: string; readonly reason: string }[] {
    return [...this.#needed].flatMap(([path, reason]) => (this.isDeclared(path) ? [] : [{ path, reason }]));
  }
}
