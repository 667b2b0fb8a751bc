import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../support/cli.ts";
import { FIXTURES } from "./all.ts";
import { BEGIN, END, renderRules } from "./document.ts";
import { askBoth, OPINION_BEGIN, OPINION_END, renderOpinions } from "./opinion.ts";

// Writes the parts of docs/rules.md that follow from the table, the fixtures, and what buf says of them.
const path = join(REPOSITORY, "docs", "rules.md");
const text = readFileSync(path, "utf8");
const withRules = replacePart(text, BEGIN, END, renderRules());
writeFileSync(path, replacePart(withRules, OPINION_BEGIN, OPINION_END, renderOpinions(await askBoth(FIXTURES))));

function replacePart(text: string, begin: string, end: string, part: string): string {
  const [head, rest] = text.split(begin);
  const tail = rest?.split(end)[1];
  if (head === undefined || tail === undefined) throw new Error(`docs/rules.md has lost ${begin.trim()} or its end`);
  return `${head}${begin}${part}${end}${tail}`;
}
