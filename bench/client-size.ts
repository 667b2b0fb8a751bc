// node bench/client-size.ts: what a client of each service adds to a program that has grpc-js: bytes of a bundle that
// esbuild minifies, and what they are made of.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { builtPackages, PACKAGES } from "../tests/support/packages.ts";

const parts = ["runtime", "protobuf-es", "messages"] as const;

function partOf(path: string): (typeof parts)[number] {
  if (path.includes("@bufbuild")) return "protobuf-es";
  return path.includes("packages/rpc/") ? "runtime" : "messages";
}

console.log(`${"client".padEnd(30)}${["all", ...parts].map((name) => name.padStart(12)).join("")}`);
for (const { folder, name } of builtPackages()) {
  const clientFile = join(PACKAGES, folder, "dist", "client.d.ts");
  const create = /export declare function (create\w+Client)/.exec(readOptional(clientFile))?.[1];
  if (create === undefined) continue;
  const { metafile } = await build({
    stdin: {
      contents: `import { ${create} } from "${name}"; console.log(${create});`,
      resolveDir: join(PACKAGES, folder),
    },
    bundle: true,
    format: "esm",
    platform: "node",
    minify: true,
    metafile: true,
    write: false,
    external: ["@grpc/grpc-js"],
  });
  const [output] = Object.values(metafile.outputs);
  const sizes = new Map<string, number>(parts.map((part) => [part, 0]));
  for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    sizes.set(partOf(path), (sizes.get(partOf(path)) ?? 0) + bytesInOutput);
  }
  const columns = [output?.bytes ?? 0, ...sizes.values()];
  console.log(`${name.padEnd(30)}${columns.map((bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(12)).join("")}`);
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
