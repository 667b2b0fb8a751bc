import type { Break, Change } from "./change.ts";
import { isBreak } from "./judge.ts";
import { ruleOf } from "./rules.ts";

/** A change in sentences. The English of changes is made here, and their reasons in rules.ts. */
export interface Description {
  /** What changed. */
  readonly what: string;
  /** Who notices, as the subject of a sentence; empty when nobody has to do anything. */
  readonly who: string;
  readonly why: string;
  /** What to do instead; may be empty. */
  readonly instead: string;
}

/** What each kind of element is called, by the first words of its rules. */
const KINDS: Readonly<Record<string, string>> = {
  package: "The package",
  file: "The file",
  message: "The message",
  field: "The field",
  oneof: "The oneof",
  enum: "The enum",
  "enum-value": "The enum value",
  "enum-alias": "The alias",
  service: "The service",
  rpc: "The rpc",
  extension: "The extension",
};

/** What is said of every kind. `{it}` is the kind and the name: The field `Order.note`. */
const COMMON: Readonly<Record<string, string>> = {
  added: "{it} is new.",
  removed: "{it} is gone.",
  renamed: "{it} is now called {after}.",
  moved: "{it} moved from {before} to {after}.",
  deprecated: "{it} is now deprecated.",
  undeprecated: "{it} is no longer deprecated.",
  "comment-changed": "The comment of {name} is another: {after}.",
  "option-changed": "An option of {name} changed from {before} to {after}.",
};

/** What is said of one rule alone. It wins over what is said of every kind. */
const SPECIAL: Readonly<Record<string, string>> = {
  "file-forwarded": "Who imports the file {name} gets more: {after}.",
  "file-unforwarded": "Who imports the file {name} no longer gets {before}.",
  "file-syntax-changed": "The syntax of the file {name} was {before} and is {after}.",
  "message-extensions-added": "The message {name} has room for more extensions: {after}, before {before}.",
  "message-extensions-removed": "The message {name} has room for fewer extensions: {after}, before {before}.",
  "field-added": "The field {name} is new: {after}.",
  "field-added-required": "The field {name} is new and required: {after}.",
  "field-added-unreserved": "The field {name} is new, and its number was reserved: {after}.",
  "field-number-reused": "The field {name} takes a number that was used before: {after}, and it was {before}.",
  "field-name-reused": "The field {name} takes a name that was used before: {after}, and it was {before}.",
  "field-name-reused-json": "The field {name} takes a name in JSON that was used before: {after}, and it was {before}.",
  "field-removed": "The field {name} is gone, and its number is free: {before}.",
  "field-removed-reserved": "The field {name} is gone, and its number is reserved: {before}.",
  "field-removed-required": "The field {name} is gone, and it was required: {before}.",
  "field-renamed-same-json": "The field {name} is now called {after}; in JSON it keeps its name.",
  "field-json-name-changed": "In JSON, the field {name} was called {before} and is now called {after}.",
  "field-number-changed": "The number of the field {name} was {before} and is {after}.",
  "field-type-changed": "The type of the field {name} was {before} and is {after}.",
  "field-made-repeated": "The field {name} was one {before} and is a list: {after}.",
  "field-made-singular": "The field {name} was a list, {before}, and is one {after}.",
  "field-map-changed": "The field {name} was {before} and is {after}.",
  "field-made-optional": "The field {name} is optional now: {after}.",
  "field-made-implicit": "The field {name} is no longer optional: {after}.",
  "field-made-required": "The field {name} is required now: {after}.",
  "field-made-unrequired": "The field {name} is no longer required: {after}.",
  "field-moved-into-oneof": "The field {name} is now a case of the oneof {after}.",
  "field-moved-out-of-oneof": "The field {name} is no longer a case of the oneof {before}.",
  "field-oneof-changed": "The field {name} was a case of the oneof {before} and is one of {after}.",
  "fields-joined-in-oneof": "The fields {after} exclude each other now, in the oneof {name}.",
  "fields-parted-from-oneof": "The fields {before} no longer exclude each other, as they did in the oneof {name}.",
  "field-default-changed": "The default of the field {name} was {before} and is {after}.",
  "field-packed-changed": "The packing of the field {name} was {before} and is {after}.",
  "field-delimited-changed": "The encoding of the field {name} was {before} and is {after}.",
  "field-jstype-changed": "The jstype of the field {name} was {before} and is {after}.",
  "field-utf8-made-strict": "The field {name} takes nothing but UTF-8 now.",
  "field-utf8-made-lax": "The field {name} takes what is no UTF-8 now.",
  "fields-reordered": "The fields of {name} stand in another order.",
  "enum-made-closed": "The enum {name} is closed now.",
  "enum-made-open": "The enum {name} is open now.",
  "enum-value-added": "The enum value {name} is new: {after}.",
  "enum-value-added-closed": "The enum value {name} is new, and the enum is or was closed: {after}.",
  "enum-value-removed": "The enum value {name} is gone: {before}.",
  "enum-value-removed-closed": "The enum value {name} is gone, and the enum is or was closed: {before}.",
  "enum-value-number-changed": "The number of the enum value {name} was {before} and is {after}.",
  "enum-value-number-reused":
    "The enum value {name} takes a number that was used before: {after}, and it was {before}.",
  "enum-value-name-reused": "The enum value {name} takes a name that was used before: {after}, and it was {before}.",
  "enum-alias-order-changed": "The first name of a number was {before} and is {after}: JSON writes the first.",
  "enum-values-reordered": "The values of {name} stand in another order.",
  "enum-default-changed": "The first value of the closed enum {name} was {before} and is {after}.",
  "reserved-added": "In {name}, {after} is reserved now.",
  "reserved-removed": "In {name}, {before} is no longer reserved.",
  "reserved-removed-known": "In {name}, {before} is no longer reserved; the history of the package knows it.",
  "rpc-name-reused": "The rpc {name} takes a name that was used before: {after}, and it was {before}.",
  "rpc-request-changed": "The request of the rpc {name} was {before} and is {after}.",
  "rpc-response-changed": "The response of the rpc {name} was {before} and is {after}.",
  "rpc-request-streaming-changed": "The request of the rpc {name} was {before} and is {after}.",
  "rpc-response-streaming-changed": "The response of the rpc {name} was {before} and is {after}.",
  "rpc-idempotency-strengthened": "The rpc {name} may be repeated more freely: it was {before} and is {after}.",
  "rpc-idempotency-weakened": "The rpc {name} may be repeated less freely: it was {before} and is {after}.",
  "rpcs-reordered": "The rpcs of {name} stand in another order.",
  "extension-number-reused": "The extension {name} takes a number that was used before: {after}, and it was {before}.",
  "extension-name-reused": "The extension {name} takes a name that was used before: {after}, and it was {before}.",
  "extension-name-reused-json":
    "The extension {name} takes a name in JSON that was used before: {after}, and it was {before}.",
  "extension-changed": "The extension {name} was {before} and is {after}.",
  "dependency-broken": "The package shows {name} of another one, which was {before} and is {after}.",
  "dependency-extended": "The package shows {name} of another one, which was {before} and is {after}.",
  "compiler-disagrees":
    "The rules and the compiler disagree about {name}: code that {before} does not compile any more: {after}.",
  "output-extended": "The package {name} gives more than it did, for the same schema: {after}.",
  "output-changed": "The code of the package {name} is other than it was, for the same schema: {after}.",
};

const WHO: Readonly<Record<Break, string>> = {
  wire: "installed clients and servers",
  json: "readers and writers of JSON",
  source: "code that compiles against the package",
};

export function describeChange(change: Change): Description {
  const rule = ruleOf(change.rule);
  const who = listOf(change.breaks.map((each) => WHO[each]));
  return {
    what: describe(change),
    // What no encoding shows is noticed at run time.
    who: who === "" && isBreak(change) ? "whoever relies on what it did" : who,
    why: rule.why,
    instead: rule.fix,
  };
}

/** `a, b, and c`: the parts are phrases, of which some have an "and" of their own. */
function listOf(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")}, and ${last}`;
}

/** Whether a rule has its sentence. */
export function hasSentence(rule: string): boolean {
  return templateOf(rule) !== undefined;
}

function describe(change: Change): string {
  const template = templateOf(change.rule);
  if (template === undefined) throw new Error(`no sentence for the rule ${change.rule}`);
  const name = code(shortPath(change));
  const values: Readonly<Record<string, string>> = {
    name,
    it: `${kindOf(change.rule)?.noun ?? ""} ${name}`,
    before: code(change.before, absentWord(change.rule)),
    after: code(change.after, absentWord(change.rule)),
  };
  return template.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? "");
}

function templateOf(rule: string): string | undefined {
  // What a change of type breaks is part of the rule, and not of what changed.
  if (rule.startsWith("field-type-changed")) return SPECIAL["field-type-changed"];
  return SPECIAL[rule] ?? COMMON[kindOf(rule)?.rest ?? ""];
}

/** `enum-value-renamed` → what it is about, and what happened to it. */
function kindOf(rule: string): { readonly noun: string; readonly rest: string } | undefined {
  const kinds = Object.keys(KINDS).filter((kind) => rule.startsWith(`${kind}-`));
  // `enum-value-added` is about a value.
  const kind = kinds.sort((a, b) => b.length - a.length)[0];
  const noun = kind === undefined ? undefined : KINDS[kind];
  return kind === undefined || noun === undefined ? undefined : { noun, rest: rule.slice(kind.length + 1) };
}

/** What stands for an empty text. */
function absentWord(rule: string): string {
  return rule.includes("-streaming-") ? "one message" : "nothing";
}

/** Inside its package; of a package or a file all of it. */
function shortPath({ path, package: name }: Change): string {
  return name !== "" && path.startsWith(`${name}.`) ? path.slice(name.length + 1) : path;
}

/** As long as a person reads a value inside a sentence. */
const LENGTH = 80;

/** A value in a sentence: on one line, and without what a terminal or Markdown would take for itself. */
function code(text: string, absent = "nothing"): string {
  const line = text.replace(/\s+/g, " ").replace(/\p{C}/gu, "").replaceAll("`", "'").trim();
  // No more than is read: a character is two units at most, and a comment may be long.
  const cut = [...line.slice(0, 2 * (LENGTH + 1))];
  const short = cut.length > LENGTH ? `${cut.slice(0, LENGTH - 1).join("")}…` : line;
  return short === "" ? absent : `\`${short}\``;
}
