import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseCompileErrors } from "../core/compile-error.ts";
import { type Finding, finding } from "../core/finding.ts";
import { run } from "./process.ts";

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
};

/**
 * Checks the sources of all packages in one run of TypeScript. A package sees the others as a consumer does, through
 * their `.d.ts`, whether or not they are installed: so a tree needs no node_modules of its own.
 */
export async function typecheckPackages(packages: readonly CheckedPackage[]): Promise<readonly Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), "charter-types-"));
  try {
    const config = {
      compilerOptions: {
        ...STRICTEST,
        types: ["node"],
        typeRoots: [join(CHARTER, "node_modules", "@types")],
        paths: pathsOf(packages),
      },
      include: packages.map((each) => join(each.folder, "src", "**", "*.ts")),
    };
    const file = join(folder, "tsconfig.json");
    await writeFile(file, JSON.stringify(config));
    const result = await run(process.execPath, [tscScript(), "-p", file, "--pretty", "false"]);
    return result.status === 0 ? [] : findingsOf(result.stdout.toString("utf8"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function pathsOf(packages: readonly CheckedPackage[]): Readonly<Record<string, readonly string[]>> {
  const outside = {
    "@bufbuild/protobuf/*": [join(CHARTER, "node_modules", "@bufbuild", "protobuf", "dist", "esm", "*", "index.d.ts")],
    "@grpc/grpc-js": [join(CHARTER, "node_modules", "@grpc", "grpc-js", "build", "src", "index.d.ts")],
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

/** An error without a place is about the configuration, and our bug. */
function findingsOf(output: string): readonly Finding[] {
  const errors = parseCompileErrors(output);
  if (errors.length === 0) throw new Error(`tsc failed:\n${output}`);
  return errors.map(({ file, line, column, number, message }) =>
    finding("type-error", { message, number }, { file: resolve(file), line, column }),
  );
}
