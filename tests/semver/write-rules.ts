import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../support/cli.ts";
import { BEGIN, END, renderRules } from "./document.ts";

// Writes the part of docs/rules.md that follows from the table and the fixtures.
const path = join(REPOSITORY, "docs", "rules.md");
const text = readFileSync(path, "utf8");
const [head, rest] = text.split(BEGIN);
const tail = rest?.split(END)[1];
if (head === undefined || tail === undefined) throw new Error("docs/rules.md has lost its marks");
writeFileSync(path, `${head}${BEGIN}${renderRules()}${END}${tail}`);
