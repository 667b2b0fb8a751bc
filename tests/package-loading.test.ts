import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { builtPackages, PACKAGES } from "./support/packages.ts";

interface Node {
  readonly path: string;
  readonly version: string;
  /** 20.19 and 22.12 and later require ES modules; 21 and the first of 22 do not. */
  readonly requires: boolean;
}

/** The Node that runs the tests, and any other that is on the path and that the packages' `engines` name. */
function nodes(): readonly Node[] {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "node"));
  const found = new Map<string, Node>();
  for (const path of new Set([process.execPath, ...onPath.filter(existsSync)].map((each) => realpathSync(each)))) {
    const code = "[process.versions.node, process.features.require_module === true].join()";
    const [version = "", requires] = execFileSync(path, ["-p", code], { encoding: "utf8" }).trim().split(",");
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const supported = major > 20 || (major === 20 && minor >= 19);
    if (supported && !found.has(version)) found.set(version, { path, version, requires: requires === "true" });
  }
  return [...found.values()];
}

/**
 * Says what the imports left behind: globals that came, went or changed, listeners of the process, and timers, sockets
 * and the like, also those that let the process end.
 */
const CHILD = (load: string): string => `
const { createHook } = process.getBuiltinModule("node:async_hooks");
const OPENED = /^(Timeout|Immediate|TCP|TLS|UDP|PIPE|TTY|SIGNAL|PROCESS|WORKER|FSEVENT|STATWATCHER|HTTP)/;
const look = () => {
  const seen = new Map();
  const add = (at, object) => {
    for (const key of Reflect.ownKeys(object)) {
      const { get, value } = Object.getOwnPropertyDescriptor(object, key);
      seen.set(at + String(key), get ?? value);
    }
  };
  add("", globalThis);
  for (const type of [Object, Function, Array, String, Number, BigInt, Date, Error, Promise, Map, Set, Uint8Array]) {
    add(type.name + ".", type);
    add(type.name + ".prototype.", type.prototype);
  }
  for (const name of process.eventNames()) seen.set("on " + String(name), process.listenerCount(name));
  return seen;
};
const left = [];
// Looking wakes what Node itself makes late, as does the first use of a global that older Nodes make then, and its
// internals open the standard streams when they first need them.
look();
void [process.stdout, process.stderr, TextEncoder, TextDecoder];
const before = look();
const hook = createHook({ init: (id, type) => OPENED.test(type) && left.push(type) }).enable();
for (const specifier of process.argv.slice(1)) {
  if (Object.keys(${load}).length === 0) throw new Error(specifier + " exports nothing");
}
hook.disable();
const after = look();
for (const key of new Set([...before.keys(), ...after.keys()])) {
  if (before.has(key) !== after.has(key) || !Object.is(before.get(key), after.get(key))) left.push(key);
}
console.log(left.join());
`;

const WAYS = [
  { way: "import", type: "module", code: CHILD("await import(specifier)") },
  { way: "require", type: "commonjs", code: CHILD("require(specifier)") },
] as const;

/** Here each entry is loaded alone, so that none leans on another; elsewhere those of a package together. */
function loads({ path }: Node): readonly { readonly folder: string; readonly specifiers: readonly string[] }[] {
  const alone = path === realpathSync(process.execPath);
  return builtPackages().flatMap(({ folder, specifiers }) =>
    (alone ? specifiers.map((each) => [each]) : [specifiers]).map((each) => ({ folder, specifiers: each })),
  );
}

describe("every entry loads", () => {
  const found = nodes();
  for (const node of found) {
    for (const { way, type, code } of WAYS) {
      const skip = way === "require" && !node.requires && "this Node does not require ES modules";
      test(`by ${way} in Node ${node.version}, without a side effect`, { skip }, async () => {
        const waiting = [...loads(node)];
        const work = async (): Promise<void> => {
          for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
            // A package may import itself by its name.
            const { folder, specifiers } = next;
            const args = ["--no-warnings", `--input-type=${type}`, "--eval", code, "--", ...specifiers];
            // It ends by itself, with status 0, or this throws.
            const result = await promisify(execFile)(node.path, args, { cwd: join(PACKAGES, folder), timeout: 30_000 });
            assert.deepEqual(result, { stdout: "\n", stderr: "" }, specifiers.join(", "));
          }
        };
        await Promise.all([work(), work()]);
      });
    }
  }

  if (found.length === 1) test("in another Node", { skip: "none of 20.19 or later is on the path" });
});
