import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";

/**
 * The JavaScript of a package's entries, and of what several of them share.
 * @param folder the package's, absolute: `./dist/x.js` in its `exports` comes from `src/x.ts`.
 * @returns contents by path from `dist`.
 * @throws Error for sources that do not parse, or import what is not there.
 */
export async function bundleEntries(folder: string): Promise<ReadonlyMap<string, string>> {
  const { exports } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { exports: object };
  const outdir = join(folder, "dist");
  const { outputFiles } = await build({
    entryPoints: [...JSON.stringify(exports).matchAll(/"\.\/dist\/([\w/-]+)\.js"/g)].map(([, stem]) =>
      join(folder, "src", `${stem}.ts`),
    ),
    outbase: join(folder, "src"),
    outdir,
    absWorkingDir: folder,
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    chunkNames: "shared-[hash]",
    write: false,
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, text }) => [relative(outdir, path), text.replace(BARE_IMPORT, "")]));
}

/** Keeps the order in which modules run. Ours do nothing when they do, and a consumer's bundler would warn of it. */
const BARE_IMPORT = /^import "\.\/shared-\w+\.js";\n/gm;
