import { readAnnouncement } from "./announcement.ts";
import { clientMethodName, type ServiceDefinition } from "./definition.ts";
import { type Dates, type FieldMarks, type MarkedMessages, type Marks, markedMessages } from "./marks.ts";
import type { ReadonlyMetadata } from "./metadata.ts";
import type { MethodInfo } from "./method.ts";

/** A use of something that the schema says is deprecated. */
export interface DeprecatedUse {
  /** `service`: a client was made of a deprecated service, or of one in a deprecated package. */
  readonly kind: "method" | "field" | "service";
  /** The full name: `bookstore.orders.v1.OrdersService/PlaceOrder`, `bookstore.catalog.v1.Book.isbn10`. */
  readonly name: string;
  /** The method that was called: for a field, whose request held it. */
  readonly method?: string;
  /** The first day on which it was deprecated, in UTC: `2026-12-01`. Absent where nobody said, as the next two. */
  readonly since?: string;
  /** The first day on which it may be gone. */
  readonly sunset?: string;
  /** The full name of what takes its place. */
  readonly successor?: string;
}

/**
 * Hears of each deprecated element once per process, when it is first used. What it throws comes out of the call, and
 * it then hears of the next use, too: so it can forbid them.
 */
export type OnDeprecated = (use: DeprecatedUse) => void;

/** Looks into a complete request before it is encoded. */
export type Inspect = (message: unknown) => void;

// By listener, so that one client's listener does not keep a use from another's.
const told = new WeakMap<OnDeprecated, Set<string>>();

function warn({ kind, name, method, since, sunset, successor }: DeprecatedUse): void {
  const where = kind === "field" ? ` (in a request of ${method})` : "";
  const when = since === undefined ? "" : ` since ${since}`;
  const end = sunset === undefined ? "" : `, and may be gone from ${sunset} on`;
  const instead = successor === undefined ? "" : `: use ${successor}`;
  // Node prints it, with the stack under --trace-deprecation, and not at all under --no-deprecation.
  process.emitWarning(`${name} is deprecated${when}${where}${end}${instead}`, {
    type: "DeprecationWarning",
    code: "CHARTER_DEPRECATED",
  });
}

/** Tells of deprecated uses of one service. */
export class DeprecationWatch {
  readonly #marks: Marks;
  readonly #listener: OnDeprecated | undefined;
  readonly #told: Set<string>;

  /** @param onDeprecated undefined is a warning of the process, false is nothing. */
  constructor(marks: Marks, onDeprecated: OnDeprecated | false | undefined) {
    this.#marks = marks;
    const listener = onDeprecated === false ? undefined : (onDeprecated ?? warn);
    this.#listener = listener;
    this.#told = (listener && told.get(listener)) ?? new Set();
    if (listener !== undefined) {
      told.set(listener, this.#told);
    }
  }

  /** A client of the service is made. */
  onService(definition: ServiceDefinition): void {
    if (this.#marks.deprecated === true) {
      this.#tell({ kind: "service", name: definition.fullName, ...this.#marks.dates });
    }
  }

  /** What a call of the method does first; undefined when it is not deprecated, which is most often. */
  onCall(method: MethodInfo): (() => void) | undefined {
    if (this.#listener === undefined || !method.deprecated) {
      return undefined;
    }
    const use: DeprecatedUse = { kind: "method", name: method.fullName, method: method.fullName, ...datesOf(method) };
    return () => this.#tell(use);
  }

  /**
   * What hears of the headers of a response that has the key `deprecation`; undefined for a method of which the schema
   * says it already. A server may know more than the schema that its client was made from.
   */
  onAnnounced(method: MethodInfo): ((header: ReadonlyMetadata) => void) | undefined {
    if (this.#listener === undefined || method.deprecated || this.#marks.deprecated === true) {
      return undefined;
    }
    return (header) => {
      const announced = readAnnouncement(header);
      if (announced !== undefined) {
        this.#tell({ kind: "method", name: method.fullName, method: method.fullName, ...announced });
      }
    };
  }

  /** What looks at each request of the method; undefined when its type has no deprecated field, not even inside. */
  onRequest(method: MethodInfo): Inspect | undefined {
    const marked = markedMessages(this.#marks, "deprecated");
    if (this.#listener === undefined || !marked.has(method.requestType)) {
      return undefined;
    }
    const found: Found = (name, dates) => this.#tell({ kind: "field", name, method: method.fullName, ...dates });
    return (message) => visitMessage(method.requestType, message, marked, found);
  }

  #tell(use: DeprecatedUse): void {
    if (!this.#told.has(use.name)) {
      this.#listener?.(use);
      this.#told.add(use.name);
    }
  }
}

/** The full names of the deprecated fields that a complete request holds, each once: `bookstore.catalog.v1.Book.isbn10`. */
export function deprecatedFields({ marks, requestType }: MethodInfo, message: unknown): readonly string[] {
  const found = new Set<string>();
  visitMessage(requestType, message, markedMessages(marks, "deprecated"), (name) => found.add(name));
  return [...found];
}

/** What the schema says of the end of a method: of it alone, else of all of its service. */
export function datesOf({ key, marks }: Pick<MethodInfo, "key" | "marks">): Dates | undefined {
  return (marks.methods?.[key] ?? marks.methods?.[clientMethodName(key)])?.dates ?? marks.dates;
}

type Found = (name: string, dates: Dates | undefined) => void;

function visitMessage(typeName: string, message: unknown, marked: MarkedMessages, found: Found): void {
  const fields = marked.get(typeName);
  if (fields === undefined || typeof message !== "object" || message === null) {
    return;
  }
  for (const [property, field] of fields) {
    const value: unknown = Object.hasOwn(message, property) ? Reflect.get(message, property) : undefined;
    if (field.cases !== undefined) {
      visitCase(typeName, field.cases, value, marked, found);
    } else if (!isDefault(value)) {
      visitField(`${typeName}.${property}`, field, value, marked, found);
    }
  }
}

function visitCase(
  typeName: string,
  cases: { readonly [name: string]: FieldMarks },
  chosen: unknown,
  marked: MarkedMessages,
  found: Found,
): void {
  const { $case, value } = (chosen ?? {}) as { readonly $case?: unknown; readonly value?: unknown };
  const field = typeof $case === "string" && Object.hasOwn(cases, $case) ? cases[$case] : undefined;
  if (field !== undefined) {
    visitField(`${typeName}.${$case}`, field, value, marked, found);
  }
}

function visitField(name: string, field: FieldMarks, value: unknown, marked: MarkedMessages, found: Found): void {
  if (field.deprecated === true) {
    found(name, field.dates);
  }
  const { type } = field;
  if (type === undefined || typeof value !== "object" || value === null) {
    return;
  }
  const inside =
    Array.isArray(value) || value instanceof Map ? value.values() : field.map ? Object.values(value) : [value];
  for (const message of inside) {
    visitMessage(type, message, marked, found);
  }
}

/** Whether a complete message holds nothing there: such a field is not sent. */
function isDefault(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return value === undefined || value === null || value === "" || value === 0 || value === 0n || value === false;
  }
  if (value instanceof Uint8Array || Array.isArray(value)) {
    return value.length === 0;
  }
  if (value instanceof Map) {
    return value.size === 0;
  }
  // A map without entries. A Date has no properties either, but is a value.
  return !(value instanceof Date) && Object.keys(value).length === 0;
}
