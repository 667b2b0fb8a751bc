import type { MessageType } from "./definition.ts";

// What is deeper is most likely a message inside itself.
const MAX_DEPTH = 50;

type Path = readonly (string | number)[];

/** `items[2].sku`, as a person would write it in code. */
function show(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") {
        return `[${step}]`;
      }
      const plain = /^[A-Za-z_$][\w$]*$/.test(step);
      return plain ? `${index === 0 ? "" : "."}${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("");
}

/** The parts of a value that can be looked at one by one. Dates, bytes and the like are whole. */
function partsOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) {
    return [...value.entries()];
  }
  if (value instanceof Map) {
    return [...value].map(([key, item]) => [String(key), item]);
  }
  if (typeof value !== "object" || value === null || value instanceof Date || ArrayBuffer.isView(value)) {
    return [];
  }
  // The case of a oneof is no field of its own: it goes with its value.
  return Object.entries(value).filter(([key]) => key !== "$case" && key !== "_unknownFields");
}

/** A value with nothing but one of its parts. */
function only(value: unknown, step: string | number, part: unknown): unknown {
  if (Array.isArray(value)) {
    return [part];
  }
  if (value instanceof Map) {
    return new Map([...value].filter(([key]) => String(key) === step).map(([key]) => [key, part]));
  }
  const { $case } = value as { readonly $case?: unknown };
  return $case === undefined ? { [step]: part } : { $case, [step]: part };
}

/**
 * Which field of a message cannot be encoded: `items[2].count`; undefined when it is none alone. The codecs do not
 * say it, so the message is encoded again with one field at a time: only for one that has failed.
 */
function unencodableField(type: MessageType, partial: object): string | undefined {
  const fails = (candidate: unknown): boolean => {
    try {
      type.encode(type.fromPartial(candidate as never) as never).finish();
      return false;
    } catch {
      return true;
    }
  };
  const search = (value: unknown, path: Path, wrap: (value: unknown) => unknown): Path => {
    for (const [step, part] of path.length < MAX_DEPTH ? partsOf(value) : []) {
      const within = (inner: unknown): unknown => wrap(only(value, step, inner));
      if (fails(within(part))) {
        return search(part, [...path, step], within);
      }
    }
    return path;
  };
  const path = search(partial, [], (value) => value);
  return path.length === 0 ? undefined : show(path);
}

/** Whether U+FFFD is among the bytes: what a codec writes for half a surrogate pair, and nearly never else. */
function hasReplacement(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xef); at !== -1; at = bytes.indexOf(0xef, at + 1)) {
    if (bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) {
      return true;
    }
  }
  return false;
}

function brokenText(value: unknown, path: Path): Path | undefined {
  if (typeof value === "string") {
    return /\p{Surrogate}/u.test(value) ? path : undefined;
  }
  for (const [step, part] of partsOf(value)) {
    const found = brokenText(part, [...path, step]);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/**
 * The error for a message that cannot be encoded: it names the method and, where that can be told, the field.
 * @param what `request of package.Service/Method`.
 * @param partial the message as it was given.
 */
export function unencodable(type: MessageType, what: string, partial: object, cause: unknown): TypeError {
  const field = unencodableField(type, partial);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TypeError(`the ${what} cannot be encoded: ${field === undefined ? "" : `${field}: `}${reason}`, { cause });
}

/** Encodes a complete message. @throws TypeError that names method and field, for what the codec refuses. */
export function encodeNamed(type: MessageType, what: string, partial: object, message: unknown): Uint8Array {
  try {
    return type.encode(message as never).finish();
  } catch (cause) {
    throw unencodable(type, what, partial, cause);
  }
}

/**
 * The same for a request, which must not hold half a surrogate pair (a piece of an emoji that was cut). The codec
 * writes U+FFFD in its place, so only bytes that have one are worth a look. A response goes out as it is: a server
 * that has stored such a text long ago should still answer.
 * @throws TypeError as well for such a text.
 */
export function encodeChecked(type: MessageType, what: string, partial: object, message: unknown): Uint8Array {
  const bytes = encodeNamed(type, what, partial, message);
  const broken = hasReplacement(bytes) ? brokenText(message, []) : undefined;
  if (broken !== undefined) {
    const problem = "half a surrogate pair is no text, was an emoji cut in two?";
    throw new TypeError(`the ${what} cannot be encoded: ${show(broken)}: ${problem}`);
  }
  return bytes;
}
