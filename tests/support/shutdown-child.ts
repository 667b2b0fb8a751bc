import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A program of this folder as a process, and the lines that it has printed. */
export class Child {
  readonly lines: string[] = [];
  /** Its exit code; null when a signal ended it. Resolves when all that it printed was read. */
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  readonly #waiting = new Set<() => void>();
  #over = false;

  constructor(program: string, ...args: readonly string[]) {
    const path = join(import.meta.dirname, program);
    this.#process = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface(this.#process.stdout);
    lines.on("line", (line) => {
      this.lines.push(line);
      this.#look();
    });
    const exit = new Promise<number | null>((resolve) => this.#process.on("close", resolve));
    this.ended = Promise.all([exit, once(lines, "close")]).then(([code]) => {
      this.#over = true;
      this.#look();
      return code;
    });
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  /** What follows this word, of each line that begins with it. */
  all(word: string): readonly string[] {
    return this.lines.filter((line) => line.split(" ")[0] === word).map((line) => line.slice(word.length + 1));
  }

  /** The same of the line of this number, when it is printed. @throws Error when it ends without. */
  line(word: string, count = 1): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.all(word)[count - 1];
        if (found === undefined && !this.#over) return;
        this.#waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`it ended without "${word}": ${this.lines.join("; ")}`));
      };
      this.#waiting.add(look);
      look();
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}
