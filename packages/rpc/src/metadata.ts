/** One value: text (printable ASCII), or bytes for a key that ends in `-bin`. */
export type MetadataValue = string | Uint8Array;

/**
 * What a caller may pass as metadata: a plain object of one or several values per key
 * (undefined is skipped), or an iterable of pairs such as a `Headers`, a `Map` or a `Metadata`.
 */
export type MetadataInit =
  | { readonly [key: string]: MetadataValue | readonly MetadataValue[] | undefined }
  | Iterable<readonly [string, MetadataValue]>;

/** Metadata as it was received. Keys are matched without regard to case; iterating gives [key, value] pairs. */
export interface ReadonlyMetadata extends Iterable<[string, MetadataValue]> {
  /** The first text value of the key, or undefined. */
  get(key: string): string | undefined;
  /** The first value of a `-bin` key, or undefined. */
  getBinary(key: string): Uint8Array | undefined;
  /**
   * All values of the key, in the order they were set; empty when there is none. Text arrives as one value, joined by
   * ", ", as HTTP allows and Node does; only those of a `-bin` key stay apart.
   */
  getAll(key: string): readonly MetadataValue[];
  has(key: string): boolean;
}

const legalKey = /^[0-9a-z_.-]+$/;
const legalText = /^[ -~]*$/;
// HTTP/2 forbids these, and Node throws from deep inside the call when one is set.
const forbidden = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"]);

function isIterable(init: MetadataInit): init is Iterable<readonly [string, MetadataValue]> {
  return Symbol.iterator in init;
}

/**
 * Headers or trailers that can be changed.
 * @throws TypeError from the constructor, `set`, `append` and `merge` for an illegal key, text that is not printable
 * ASCII, bytes without a `-bin` key, or text for a `-bin` key.
 */
export interface Metadata extends ReadonlyMetadata {
  /** Puts one value in place of all that the key had. */
  set(key: string, value: MetadataValue): void;
  /** Adds a value after those that the key already has. */
  append(key: string, value: MetadataValue): void;
  delete(key: string): void;
  /** Adds everything of `init`; a key that is there already has its values replaced. */
  merge(init: MetadataInit): void;
  /** A plain object of arrays, for logs and `JSON.stringify`. */
  toJSON(): Record<string, readonly MetadataValue[]>;
}

/** Makes `Metadata`: `new Metadata({ "x-request-id": "7" })`. */
export interface MetadataConstructor {
  new (init?: MetadataInit): Metadata;
  readonly prototype: Metadata;
}

class Values implements Metadata {
  readonly #values = new Map<string, MetadataValue[]>();

  static {
    Object.defineProperty(Values, "name", { value: "Metadata" });
    // console.log of an error should show what is inside.
    Object.defineProperty(Values.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value: Values.prototype.toJSON,
    });
  }

  constructor(init?: MetadataInit) {
    if (init !== undefined) {
      this.merge(init);
    }
  }

  get(key: string): string | undefined {
    return this.#values.get(key.toLowerCase())?.find((value) => typeof value === "string");
  }

  getBinary(key: string): Uint8Array | undefined {
    return this.#values.get(key.toLowerCase())?.find((value) => typeof value !== "string");
  }

  getAll(key: string): readonly MetadataValue[] {
    return this.#values.get(key.toLowerCase()) ?? [];
  }

  has(key: string): boolean {
    return this.#values.has(key.toLowerCase());
  }

  set(key: string, value: MetadataValue): void {
    this.#values.set(checkKey(key), [checkValue(key, value)]);
  }

  append(key: string, value: MetadataValue): void {
    const name = checkKey(key);
    const checked = checkValue(name, value);
    const values = this.#values.get(name);
    if (values === undefined) {
      this.#values.set(name, [checked]);
    } else {
      values.push(checked);
    }
  }

  delete(key: string): void {
    this.#values.delete(key.toLowerCase());
  }

  merge(init: MetadataInit): void {
    if (typeof init !== "object" || init === null) {
      throw new TypeError(`metadata must be an object or an iterable of [key, value] pairs, not ${typeof init}`);
    }
    const seen = new Set<string>();
    const put = (key: string, value: MetadataValue): void => {
      const name = checkKey(key);
      if (!seen.has(name)) {
        seen.add(name);
        this.#values.delete(name);
      }
      this.append(name, value);
    };
    if (isIterable(init)) {
      for (const [key, value] of init) {
        put(key, value);
      }
      return;
    }
    for (const [key, values] of Object.entries(init)) {
      if (Array.isArray(values)) {
        for (const value of values as readonly MetadataValue[]) {
          put(key, value);
        }
      } else if (values !== undefined) {
        put(key, values as MetadataValue);
      }
    }
  }

  *[Symbol.iterator](): Generator<[string, MetadataValue], void, undefined> {
    for (const [key, values] of this.#values) {
      for (const value of values) {
        yield [key, value];
      }
    }
  }

  toJSON(): Record<string, readonly MetadataValue[]> {
    return Object.fromEntries(this.#values);
  }
}

/**
 * A constructor apart from its type: TypeScript takes the classes of two installed copies for two types when they have
 * private members, and an interceptor of one would not compile with a client of the other.
 */
export const Metadata: MetadataConstructor = Values;

function checkKey(key: string): string {
  if (typeof key !== "string") {
    throw new TypeError(`a metadata key must be a string, not ${typeof key}`);
  }
  const name = key.toLowerCase();
  if (!legalKey.test(name)) {
    throw new TypeError(`metadata key ${JSON.stringify(key)} is illegal: use a-z, 0-9, "_", "." and "-"`);
  }
  if (forbidden.has(name)) {
    throw new TypeError(`metadata key "${name}" belongs to HTTP and cannot be sent: leave it out`);
  }
  return name;
}

function checkValue(key: string, value: MetadataValue): MetadataValue {
  const binary = key.toLowerCase().endsWith("-bin");
  if (typeof value === "string") {
    if (binary) {
      throw new TypeError(`metadata "${key}" ends in -bin and takes a Uint8Array, not text`);
    }
    if (!legalText.test(value)) {
      throw new TypeError(`metadata "${key}" must be printable ASCII: put other text into a "${key}-bin" key as UTF-8`);
    }
    return value;
  }
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(
      `metadata "${key}" must be a string or a Uint8Array, not ${value === null ? "null" : typeof value}`,
    );
  }
  if (!binary) {
    throw new TypeError(`metadata "${key}" holds bytes: its key must end in -bin`);
  }
  return value;
}
