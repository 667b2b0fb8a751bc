import type { Finding } from "./finding.ts";

/** What is wrong, and what to do about it. `{name}` stands for an argument of the finding. */
interface Message {
  readonly what: string;
  readonly fix: string;
}

/** The English of every finding, by code. A code without a row is our bug, and a test says so. */
const MESSAGES: Readonly<Record<string, Message>> = {
  "publish-not-loopback": {
    what: "{setting} points at {url}, which is not on this machine; nothing was sent",
    fix: "Publish to the registry that `charter demo` starts, on http://127.0.0.1. A real release goes through changesets.",
  },
  "publish-unnamed": {
    what: "there is no package.json here with a name and a version",
    fix: "Run `charter generate`, or correct the list of packages to publish.",
  },
  "publish-outside-scope": {
    what: "{name} is outside the scope {scope}",
    fix: "Rename the package, or give the scope that it belongs to.",
  },
  "publish-private": {
    what: '{name} is marked `"private": true`, so it must not be published',
    fix: "Take the mark out of its package.json, or leave the package out.",
  },
  "publish-twice": {
    what: "two packages are called {name}: the other is {other}",
    fix: "Rename one of them, or leave it out.",
  },
  "publish-dependency-absent": {
    what: "{name} depends on {dependency} of this workspace, which is not among the packages to publish",
    fix: "Publish {dependency} too: a consumer could not install {name} without it.",
  },
  "publish-other-bytes": {
    what: "{name}@{version} is in the registry already, with other content; nothing was sent",
    fix: "Give the package a new version (`charter` writes the changeset), or start with an empty registry.",
  },
  "publish-refused": {
    what: "the registry did not take {name}@{version}: {reason}",
    fix: "Read the reason; run the same command again once it is dealt with: what is there already is skipped.",
  },
  "publish-pack-failed": {
    what: "pnpm could not pack the packages: {reason}",
    fix: "Build the packages first (`pnpm charter build`), and see that each package.json is as `charter generate` writes it.",
  },
  "registry-unreachable": {
    what: "the registry at {registry} does not answer as one: {reason}",
    fix: "Start it again; `charter demo` starts one of its own.",
  },
  "registry-not-started": {
    what: "the local npm registry (Verdaccio) did not start: {reason}",
    fix: "Run `npx -y pnpm@12 install`, and see that programs may listen on 127.0.0.1 and write to the temporary folder.",
  },
  "npm-missing": {
    what: "npm does not work here: {reason}",
    fix: "Install Node.js with its npm (https://nodejs.org), and see that `npm config get registry` prints an address.",
  },
  "pnpm-missing": {
    what: "pnpm 12 could not be had: {reason}",
    fix: "Run the command through `npx -y pnpm@12`, with access to the npm registry the first time.",
  },
  "consumer-install-failed": {
    what: "`npm install` failed in the consumer's folder: {reason}",
    fix: "See that the npm registry can be reached (`npm ping`) and that the wanted versions exist.",
  },
};

export function renderFinding(finding: Finding): { readonly what: string; readonly fix: string } {
  const message = MESSAGES[finding.code];
  if (message === undefined) throw new Error(`no message for the finding "${finding.code}"`);
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = finding.args[name];
      if (value === undefined) throw new Error(`the finding "${finding.code}" lacks its argument "${name}"`);
      return value;
    });
  return { what: fill(message.what), fix: fill(message.fix) };
}
