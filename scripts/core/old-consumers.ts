import type { Baseline } from "./baseline.ts";
import type { Image } from "./image.ts";
import type { Naming } from "./names.ts";
import { type Generator, loadGenerator } from "./sources.ts";
import { parseWitness, WITNESS, type Witness } from "./witness-text.ts";

/** The witnesses of a baseline's packages. */
export class OldConsumers {
  readonly #baseline: Baseline;
  readonly #naming: Naming;
  readonly #generators = new Map<Image, Generator>();

  constructor(baseline: Baseline, naming: Naming) {
    this.#baseline = baseline;
    this.#naming = naming;
  }

  /** The one that was published; else the one that would be. */
  witnessOf(protoPackage: string): Witness | undefined {
    const published = this.#baseline.packages.get(protoPackage)?.files?.get(WITNESS);
    if (published === undefined) return this.generate(protoPackage);
    return parseWitness(protoPackage, new TextDecoder().decode(published));
  }

  /**
   * What today's generator writes for the old schema.
   * @returns undefined when it has no such package, or refuses its names: then nobody could have compiled against it.
   */
  generate(protoPackage: string): Witness | undefined {
    const image = this.#baseline.packages.get(protoPackage)?.image;
    if (image === undefined) return undefined;
    const generator = this.#generatorOf(image);
    const found = generator.packages.find((each) => each.protoPackage === protoPackage);
    const refused = new Set(generator.findings.map(({ position }) => position?.file));
    if (found === undefined || found.files.some((file) => refused.has(file.proto.name))) return undefined;
    return generator.witnessOf(found);
  }

  #generatorOf(image: Image): Generator {
    const generator = this.#generators.get(image) ?? loadGenerator(image, this.#naming);
    this.#generators.set(image, generator);
    return generator;
  }
}
