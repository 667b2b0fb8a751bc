import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { type CompileError, parseCompileErrors } from "../core/compile-error.ts";
import { type Finding, finding } from "../core/finding.ts";
import { run } from "./process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Charter's own folder, whose node_modules hold what generated code imports from outside. */
const CHARTER = join(import.meta.dirname, "..", "..");

/** A package to be checked, with what others may import from it. */
export interface CheckedPackage {
  /** Absolute. */
  readonly folder: string;
  readonly npm: string;
  /** The keys of `exports` that have types: `.`, `./server`. */
  readonly entries: readonly { readonly entry: string; readonly types: string }[];
}

/** As a consumer might have them at the strictest; the generated sources must pass them all. */
const STRICTEST = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  module: "nodenext",
  moduleDetection: "force",
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  isolatedDeclarations: true,
  declaration: true,
  noEmit: true,
  // The runtime's sources are those that Node runs in its tests.
  allowImportingTsExtensions: true,
};

/** What a bridge says of a hole that nobody has filled. */
const UNFILLED = /^Property '([\w$]+)' does not exist on type 'typeof import\("[^"]*\/src\/holes"\)'/;

/**
 * Checks the sources of all packages in one run of TypeScript. A package sees the others as a consumer does, through
 * their `.d.ts`, whether or not they are installed: so a tree needs no node_modules of its own.
 */
export async function typecheckPackages(packages: readonly CheckedPackage[]): Promise<readonly Finding[]> {
  const include = packages.map((each) => join(each.folder, "src", "**", "*.ts"));
  const errors = await compileAtStrictest(packages, { include });
  return errors.map(({ file, line, column, number, message }) => {
    const [, hole] = UNFILLED.exec(message) ?? [];
    return hole === undefined
      ? finding("type-error", { message, number }, { file, line, column })
      : finding("bridge-hole-open", { hole }, { file, line, column });
  });
}

/** What is to be compiled: patterns of files that are there, and programs by the names of their files. */
export interface CompileInput {
  readonly include?: readonly string[];
  readonly programs?: ReadonlyMap<string, string>;
  /** More than the strictest asks for, or less. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * One run of TypeScript.
 * @param packages what can be imported.
 * @returns what is wrong, with absolute files; in one of `programs`, with its name.
 */
export async function compileAtStrictest(
  packages: readonly CheckedPackage[],
  { include = [], programs = new Map(), options = {} }: CompileInput,
): Promise<readonly CompileError[]> {
  await using folder = await temporaryFolder("charter-types-");
  const config = {
    compilerOptions: {
      ...STRICTEST,
      types: ["node"],
      typeRoots: [join(CHARTER, "node_modules", "@types")],
      paths: pathsOf(packages),
      ...options,
    },
    // An empty list would be an error.
    ...(include.length === 0 ? {} : { include }),
    ...(programs.size === 0 ? {} : { files: [...programs.keys()] }),
  };
  for (const [name, text] of programs) await folder.write(name, text);
  await folder.write("tsconfig.json", JSON.stringify(config));
  const args = [tscScript(), "-p", "tsconfig.json", "--pretty", "false"];
  const result = await run(process.execPath, args, { cwd: folder.path });
  if (result.status === 0) return [];
  const output = result.stdout.toString("utf8");
  const errors = parseCompileErrors(output);
  // An error without a place is about the configuration, and our bug.
  if (errors.length === 0) throw new Error(`tsc failed:\n${output}`);
  return errors.map((each) => (programs.has(each.file) ? each : { ...each, file: resolve(folder.path, each.file) }));
}

function pathsOf(packages: readonly CheckedPackage[]): Readonly<Record<string, readonly string[]>> {
  const outside = {
    "@bufbuild/protobuf/*": [join(CHARTER, "node_modules", "@bufbuild", "protobuf", "dist", "esm", "*", "index.d.ts")],
    "@grpc/grpc-js": [join(CHARTER, "node_modules", "@grpc", "grpc-js", "build", "src", "index.d.ts")],
    "@opentelemetry/api": [join(CHARTER, "node_modules", "@opentelemetry", "api", "dist", "index.d.mts")],
  };
  const own = packages.flatMap(({ npm, folder, entries }) =>
    entries.map(({ entry, types }) => [npm + entry.slice(1), [join(folder, types)]] as const),
  );
  return { ...outside, ...Object.fromEntries(own) };
}

function tscScript(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
}
