// node bench/client-start.ts [--rounds N]: how long a program takes that makes a client and ends: a generated one, and
// one of grpc-js alone, with and without the codec of the same messages; and the generated one as a bundler leaves it.
// In turns, each in a process of its own. Times depend on the machine: the ratios to grpc-js are what to compare.
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { run } from "../scripts/io/process.ts";
import { temporaryFolder } from "../tests/support/tree.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "31" } } });
const PACKAGE = join(import.meta.dirname, "..", "packages", "recommendations-v2");
const GRPC = join(PACKAGE, "..", "rpc", "node_modules", "@grpc", "grpc-js", "build", "src", "index.js");
const MESSAGES = join(PACKAGE, "dist", "proto", "bookstore", "recommendations", "v2", "recommendations_service.js");

const bare = `import grpc from ${JSON.stringify(GRPC)};
new grpc.Client("localhost:1", grpc.credentials.createInsecure()).close();`;
const generated = `import { createRecommendationsClient } from ${JSON.stringify(join(PACKAGE, "dist", "index.js"))};
createRecommendationsClient("http://localhost:1").close();`;

using folder = temporaryFolder();
const programs = new Map([
  ["grpc-js", bare],
  ["grpc-js and the same codec", `${bare}\nimport ${JSON.stringify(MESSAGES)};`],
  ["generated client", generated],
]);
for (const [name, text] of programs) writeFileSync(join(folder.path, `${name}.mjs`), text);
const bundled = "generated client, bundled";
await build({
  stdin: {
    contents: generated.replace(join(PACKAGE, "dist", "index.js"), "@bookstore/recommendations-v2"),
    resolveDir: PACKAGE,
  },
  bundle: true,
  format: "esm",
  platform: "node",
  alias: { "@grpc/grpc-js": GRPC },
  external: [GRPC],
  outfile: join(folder.path, `${bundled}.mjs`),
});

const names = [...programs.keys(), bundled];
const times = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round = -1; round < Number(values.rounds); round++) {
  for (const name of names) {
    const start = performance.now();
    const { status, stderr } = await run(process.execPath, [`${name}.mjs`], { cwd: folder.path });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    // The first round reads the disk.
    if (round >= 0) times.get(name)?.push(performance.now() - start);
  }
}
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const peer = times.get("grpc-js") ?? [];
console.log(`Node ${process.version}, ${availableParallelism()} cores, medians of ${values.rounds} rounds\n`);
for (const [name, own] of times) {
  const ratio = median(own.map((each, round) => each / (peer[round] ?? Number.NaN)));
  console.log(`${name.padEnd(30)}${median(own).toFixed(0).padStart(6)} ms${ratio.toFixed(3).padStart(8)}×`);
}
