// protobuf's own limit of nesting. A circle of objects ends here, too.
const DEEPEST = 100;

/**
 * A copy of a message that `JSON.stringify` and every logger take: 64-bit numbers as text, dates in ISO form, maps as
 * objects, of bytes only how many. What is absent and what the schema does not know are left out.
 */
export function toLoggable(value: unknown, depth = 0): unknown {
  if (typeof value === "bigint") {
    return value.toString();
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (depth > DEEPEST) {
    return "…";
  }
  if (value instanceof Uint8Array) {
    return `<${value.length} bytes>`;
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  }
  if (Array.isArray(value)) {
    return value.map((item) => toLoggable(item, depth + 1));
  }
  const entries = value instanceof Map ? [...value].map(([key, item]) => [String(key), item]) : Object.entries(value);
  return Object.fromEntries(
    entries
      .filter(([key, item]) => item !== undefined && key !== "_unknownFields")
      .map(([key, item]) => [key, toLoggable(item, depth + 1)]),
  );
}
