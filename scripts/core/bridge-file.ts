import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { type Finding, FindingsError, finding, type Position } from "./finding.ts";
import { nearest } from "./nearest.ts";

/** The file of a bridge's package that says what only a person can know: docs/bridges.md. */
export const BRIDGE_FILE = "bridge.yaml";

/** What one line pairs: the old version's name with that of the new one, or a path with a format. */
export interface BridgeEntry {
  readonly from: string;
  readonly to: string;
  readonly position: Position;
}

/** What one version has and the other cannot hold. */
export interface DeclaredLoss {
  /** The version and the element: `v1.Book.stock`. */
  readonly path: string;
  readonly reason: string;
  readonly position: Position;
}

export interface BridgeFile {
  /** Proto packages. */
  readonly old: string;
  readonly now: string;
  /** `Book: Volume`, messages and enums by their names inside the package. */
  readonly types: readonly BridgeEntry[];
  /** `Book.authors: contributors`, and into a sub-message: `Book.publisher: imprint.name`. */
  readonly fields: readonly BridgeEntry[];
  /** `Availability.AVAILABILITY_SOON: AVAILABILITY_ANNOUNCED`. */
  readonly values: readonly BridgeEntry[];
  /** `CatalogService.ListBooks: SearchBooks`. */
  readonly methods: readonly BridgeEntry[];
  /** What a text or a number holds: `v1.Book.added_at: rfc3339`. */
  readonly formats: readonly BridgeEntry[];
  readonly losses: readonly DeclaredLoss[];
}

const PAIRS = ["types", "fields", "values", "methods", "formats"] as const;
const KEYS = ["old", "now", ...PAIRS, "losses"];

/**
 * @param file the path of the file, for positions.
 * @throws FindingsError with every mistake in the form of the file at once.
 */
export function parseBridgeFile(text: string, file: string): BridgeFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const findings: Finding[] = [];
  const at = (node: unknown): Position => {
    const { line, col } = lines.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0);
    return { file, line, column: col };
  };
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    const [reason = ""] = error.message.split(/ at line |\n/);
    findings.push(finding("bridge-syntax", { reason }, { file, line, column: col }));
  }
  if (findings.length > 0) throw new FindingsError(findings, 2);
  const sections = new Map<string, Node | null>();
  if (!isMap(document.contents)) throw new FindingsError([finding("bridge-form", { key: "the file" }, { file })], 2);
  for (const { key, value } of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (KEYS.includes(name)) sections.set(name, isNode(value) ? value : null);
    else
      findings.push(
        finding("bridge-key-unknown", { key: name, nearest: nearest(name, KEYS) ?? KEYS[0] ?? "" }, at(key)),
      );
  }
  const textOf = (name: string): string => {
    const node = sections.get(name);
    if (isScalar(node) && typeof node.value === "string") return node.value;
    findings.push(finding("bridge-form", { key: name }, node === undefined ? { file } : at(node)));
    return "";
  };
  const wrong = (key: string, node: unknown): void => void findings.push(finding("bridge-form", { key }, at(node)));
  const pairsOf = (name: string): readonly BridgeEntry[] => {
    const node = sections.get(name);
    if (node === undefined || node === null || (isScalar(node) && node.value === null)) return [];
    if (!isMap(node)) {
      wrong(name, node);
      return [];
    }
    return node.items.flatMap(({ key, value }) => {
      const values: readonly unknown[] = isSeq(value) ? value.items : [value];
      const named = isScalar(key) ? String(key.value) : "";
      return values.flatMap((each) => {
        if (named !== "" && isScalar(each) && typeof each.value === "string") {
          return [{ from: named, to: each.value, position: at(key) }];
        }
        wrong(`${name}.${named}`, key);
        return [];
      });
    });
  };
  const lossesOf = (): readonly DeclaredLoss[] => {
    const node = sections.get("losses");
    if (node === undefined || node === null || (isScalar(node) && node.value === null)) return [];
    if (!isSeq(node)) {
      wrong("losses", node);
      return [];
    }
    const seen = new Set<string>();
    return node.items.flatMap((each) => {
      const [path, reason] = isMap(each) ? [each.get("path"), each.get("reason")] : [];
      if (typeof path !== "string" || typeof reason !== "string" || reason.trim() === "") {
        wrong("losses", each);
        return [];
      }
      if (seen.has(path)) findings.push(finding("bridge-loss-twice", { path }, at(each)));
      seen.add(path);
      return [{ path, reason, position: at(each) }];
    });
  };
  const [old, now] = [textOf("old"), textOf("now")];
  const [types = [], fields = [], values = [], methods = [], formats = []] = PAIRS.map(pairsOf);
  const losses = lossesOf();
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return { old, now, types, fields, values, methods, formats, losses };
}

/** What a file says in which nothing is said yet. */
export function emptyBridgeFile(old: string, now: string): BridgeFile {
  return { old, now, types: [], fields: [], values: [], methods: [], formats: [], losses: [] };
}

/** The file of a new bridge. */
export function newBridgeFile(old: string, now: string): string {
  const [before, after] = [old, now].map((name) => name.slice(name.lastIndexOf(".") + 1));
  return `# What only a person can know of ${old} and ${now}: docs/bridges.md explains the keys.
old: ${old}
now: ${now}

# Messages and enums that have another name now, by their names inside the package.
types: {}
# Fields that have another name or place now: \`Book.publisher: imprint.name\`.
fields: {}
# Values of enums: \`State.STATE_SOLD: STATE_GONE\`.
values: {}
# \`CatalogService.ListBooks: SearchBooks\`.
methods: {}
# What a text or a number holds: \`${before}.Order.placed_at: rfc3339\`.
formats: {}
# What one version has and the other cannot hold: \`- path: ${after}.Book.revision\`, and below it \`reason: …\`.
losses: []
`;
}
