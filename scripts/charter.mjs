#!/usr/bin/env node
// The only JavaScript here: an older Node cannot read cli.ts, and would say nothing but ERR_UNKNOWN_FILE_EXTENSION.
const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  const { start } = await import("./cli.ts");
  await start();
} else {
  console.error(`error: Charter needs Node ${NEEDED}, and this is Node ${process.versions.node}. [node-too-old]`);
  console.error("  Run it as `npx -y pnpm@12 charter …`: pnpm brings the right Node with it.");
  process.exitCode = 2;
}
