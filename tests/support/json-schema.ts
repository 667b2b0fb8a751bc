type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

/**
 * What of a value a JSON schema refuses: the words that docs/diff.schema.json uses, and no others.
 * @returns `path: reason`, for all of it.
 */
export function refusals(schema: JsonObject, value: Json, root: JsonObject = schema, path = "$"): readonly string[] {
  return Object.entries(schema).flatMap(([word, rule]) => {
    const check = WORDS[word];
    if (check === undefined) throw new Error(`the schema uses "${word}", which this validator does not know`);
    return check(rule, value, { schema, root, path });
  });
}

interface Place {
  readonly schema: JsonObject;
  readonly root: JsonObject;
  readonly path: string;
}

type Check = (rule: Json, value: Json, place: Place) => readonly string[];

const nothing: Check = () => [];

const refuseUnless =
  (holds: (rule: Json, value: Json) => boolean, reason: (rule: Json) => string): Check =>
  (rule, value, { path }) =>
    holds(rule, value) ? [] : [`${path}: ${reason(rule)}, not ${JSON.stringify(value)}`];

const WORDS: Readonly<Record<string, Check>> = {
  $schema: nothing,
  $defs: nothing,
  title: nothing,
  description: nothing,
  $ref: (rule, value, { root, path }) => {
    const found = String(rule)
      .split("/")
      .slice(1)
      .reduce<Json>((at, key) => (isObject(at) ? at[key] : undefined), root);
    if (!isObject(found)) throw new Error(`${String(rule)} is nowhere`);
    return refusals(found, value, root, path);
  },
  type: refuseUnless((rule, value) => typeOf(value) === rule, String),
  const: refuseUnless((rule, value) => rule === value, String),
  enum: refuseUnless((rule, value) => Array.isArray(rule) && rule.includes(value), String),
  minLength: refuseUnless(
    (rule, value) => String(value).length >= Number(rule),
    (rule) => `at least ${rule} long`,
  ),
  pattern: refuseUnless((rule, value) => new RegExp(String(rule)).test(String(value)), String),
  required: (rule, value, { path }) =>
    (Array.isArray(rule) ? rule : [])
      .filter((key) => !(isObject(value) && key in value))
      .map((key) => `${path}: has no ${key}`),
  additionalProperties: (_, value, { schema, path }) =>
    Object.keys(isObject(value) ? value : {})
      .filter((key) => !(isObject(schema["properties"]) && key in schema["properties"]))
      .map((key) => `${path}: has ${key}`),
  properties: (rule, value, { root, path }) =>
    Object.entries(isObject(rule) ? rule : {}).flatMap(([key, inner]) =>
      isObject(value) && key in value && isObject(inner) ? refusals(inner, value[key], root, `${path}.${key}`) : [],
    ),
  items: (rule, value, { root, path }) =>
    (Array.isArray(value) ? value : []).flatMap((each, index) =>
      isObject(rule) ? refusals(rule, each, root, `${path}[${index}]`) : [],
    ),
};

function typeOf(value: Json): string {
  if (Array.isArray(value)) return "array";
  if (Number.isInteger(value)) return "integer";
  return value === null ? "null" : typeof value;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
