import type { Message } from "./finding.ts";

/** Registries, publishing, and the demo that does both. */
export const PUBLISH_MESSAGES: Readonly<Record<string, Message>> = {
  "publish-not-loopback": {
    what: "{setting} points at {url}, which is not on this machine; nothing was sent.",
    fix: "Publish to the registry that `charter demo` starts, on http://127.0.0.1. A real release goes through changesets.",
  },
  "publish-unnamed": {
    what: "There is no package.json here with a name and a version.",
    fix: "Run `charter generate`, or correct the list of packages to publish.",
  },
  "publish-outside-scope": {
    what: "{name} is outside the scope {scope}.",
    fix: "Rename the package, or give the scope that it belongs to.",
  },
  "publish-private": {
    what: '{name} is marked `"private": true`, so it must not be published.',
    fix: "Take the mark out of its package.json, or leave the package out.",
  },
  "publish-twice": {
    what: "Two packages are called {name}: the other is {other}.",
    fix: "Rename one of them, or leave it out.",
  },
  "publish-dependency-absent": {
    what: "{name} depends on {dependency} of this workspace, which is not among the packages to publish.",
    fix: "Publish {dependency} too: a consumer could not install {name} without it.",
  },
  "publish-other-bytes": {
    what: "{name}@{version} is in the registry already, with other content; nothing was sent.",
    fix: "Give the package a new version (`charter` writes the changeset), or start with an empty registry.",
  },
  "publish-refused": {
    what: "The registry did not take {name}@{version}: {reason}.",
    fix: "Read the reason; run the same command again once it is dealt with: what is there already is skipped.",
  },
  "publish-pack-failed": {
    what: "pnpm could not pack the packages: {reason}.",
    fix: "Build the packages first (`pnpm charter build`), and see that each package.json is as `charter generate` writes it.",
  },
  "registry-unreachable": {
    what: "The registry at {registry} does not answer as one: {reason}.",
    fix: "Start it again; `charter demo` starts one of its own.",
  },
  "registry-not-started": {
    what: "The local npm registry (Verdaccio) did not start: {reason}.",
    fix: "Run `npx -y pnpm@12 install`, and see that programs may listen on 127.0.0.1 and write to the temporary folder.",
  },
  "npm-missing": {
    what: "npm does not work here: {reason}.",
    fix: "Install Node.js with its npm (https://nodejs.org), and see that `npm config get registry` prints an address.",
  },
  "pnpm-missing": {
    what: "pnpm 12 could not be had: {reason}.",
    fix: "Run the command through `npx -y pnpm@12`, with access to the npm registry the first time.",
  },
  "node-too-old": {
    what: "This is Node {found}, and the demo needs {needed} or later.",
    fix: "Run `npx -y pnpm@12 demo`: pnpm brings the right Node.",
  },
  "install-failed": {
    what: "`pnpm install` did not bring everything: {reason}.",
    fix: "Run `npx -y pnpm@12 install`. In CI it only takes what pnpm-lock.yaml says: commit that file.",
  },
  "demo-absent": {
    what: "{file} is not there, and the demo needs it.",
    fix: "Bring back examples/consumer, or write one for your own schemas: a program, and a file with one unknown field after `/* misspelt: */`.",
  },
  "demo-misspelt": {
    what: "Of this file, TypeScript should refuse the name after the mark and nothing else; it said: {said}.",
    fix: "Put `/* misspelt: */` before the one field that does not exist. If it is there, the generated types are to blame.",
  },
  "demo-call-failed": {
    what: "The consumer's calls failed: {reason}.",
    fix: "Compare examples/consumer/main.ts with what examples/server implements.",
  },
  "example-server-failed": {
    what: "The example server did not start: {reason}.",
    fix: "Run `node examples/server/src/main.ts` to see more.",
  },
  "consumer-install-failed": {
    what: "`npm install` failed in the consumer's folder: {reason}.",
    fix: "See that the npm registry can be reached (`npm ping`) and that the wanted versions exist.",
  },
};
