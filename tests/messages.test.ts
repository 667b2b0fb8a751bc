import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MESSAGES } from "../scripts/core/messages.ts";
import { REPOSITORY } from "./support/cli.ts";
import { listSources } from "./support/sources.ts";

const SCRIPTS = join(REPOSITORY, "scripts");

/** Everything in scripts/ but the tables themselves. */
const CODE = listSources(SCRIPTS, ".ts")
  .filter((path) => !path.startsWith("core/messages"))
  .map((path) => readFileSync(join(SCRIPTS, path), "utf8"))
  .join("\n");

describe("findings", () => {
  test("each code that is used has its English", () => {
    const used = [...CODE.matchAll(/\b(?:finding|usageError|environmentError)\(\s*"([\w-]+)"/g)].map(
      ([, code]) => code ?? "",
    );
    assert.ok(used.length > 30, `${used.length} uses found`);
    for (const code of used) assert.ok(code in MESSAGES, code);
  });

  test("each code that has its English is used", () => {
    for (const code of Object.keys(MESSAGES)) assert.ok(CODE.includes(`"${code}"`), code);
  });

  for (const [code, { what, fix }] of Object.entries(MESSAGES)) {
    test(`${code} says what is wrong and how to mend it, in sentences`, () => {
      assert.match(what, /^(?:[A-Z`{]|--\{|buf |npm |pnpm )/);
      assert.match(what, /[.})]$/);
      assert.match(fix, /^[A-Z`]/);
      assert.match(fix, /[.?]$/);
    });
  }
});
