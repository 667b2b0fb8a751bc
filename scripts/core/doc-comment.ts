/** A JSDoc comment with its line ending, or nothing when there is nothing to say. */
export function docComment(text: string, deprecated: boolean, indent = ""): string {
  const lines = text === "" ? [] : text.replaceAll("*/", "*\\/").split("\n");
  if (deprecated) lines.push(...(lines.length > 0 ? [""] : []), "@deprecated");
  if (lines.length === 0) return "";
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  const body = lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("");
  return `${indent}/**\n${body}${indent} */\n`;
}
