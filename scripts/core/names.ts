/**
 * How a proto package, a service and a file are called in npm and TypeScript.
 * One rule each; nothing else in the repository builds such a name.
 */

/** `vN` is stable; `vNalphaM`, `vNbetaM` and their `pM` and `test` kin are not. As buf's PACKAGE_VERSION_SUFFIX. */
const VERSION = /^v([1-9]\d*)(?:(p[1-9]\d*)?(alpha|beta)[1-9]?\d*|test.*)?$/;

export type Stability = "stable" | "unstable" | "unversioned";

/** What the last part of a proto package says about its promises. `google.protobuf` has no version: "unversioned". */
export function stabilityOf(protoPackage: string): Stability {
  const last = protoPackage.slice(protoPackage.lastIndexOf(".") + 1);
  const match = VERSION.exec(last);
  if (match === null) return "unversioned";
  return last === `v${match[1]}` ? "stable" : "unstable";
}

export interface Naming {
  /** The npm scope with its `@`: `@bookstore`. */
  readonly scope: string;
  /** The first part of the proto packages that are ours, dropped from the npm name: `bookstore`. */
  readonly root: string;
}

/** The files of a schema that names no package still need a home. */
const NO_PACKAGE = "no-package";

/** The folder under the output folder, and the npm name without its scope: `recommendations-v2`. */
export function packageFolder(protoPackage: string, naming: Naming): string {
  if (protoPackage === "") return NO_PACKAGE;
  const own = protoPackage.startsWith(`${naming.root}.`);
  const rest = own ? protoPackage.slice(naming.root.length + 1) : protoPackage;
  return rest.split(".").map(kebab).join("-");
}

/** `bookstore.recommendations.v2` → `@bookstore/recommendations-v2`; `google.protobuf` → `@bookstore/google-protobuf`. */
export function npmName(protoPackage: string, naming: Naming): string {
  return `${naming.scope}/${packageFolder(protoPackage, naming)}`;
}

/** What the runtime is called where others are called by their proto packages. Its folder has the same name. */
export const RUNTIME = "rpc";

/** The npm package that holds the behaviour of all clients and servers. */
export function runtimePackage(naming: Naming): string {
  return npmName(RUNTIME, naming);
}

/** npm refuses capitals, so `FooBar` becomes `foo-bar`. */
function kebab(part: string): string {
  return part.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}

/** `RecommendationsService` → `Recommendations`: the stem of the client's names. A service called `Service` keeps it. */
export function serviceStem(service: string): string {
  const stem = service.endsWith("Service") ? service.slice(0, -"Service".length) : service;
  return upperFirst(stem === "" ? service : stem);
}

/** The exported names that one service adds to its package, by role. */
export function serviceNames(service: string): {
  readonly definition: string;
  readonly client: string;
  readonly createClient: string;
  readonly implementation: string;
  readonly implement: string;
  readonly fake: string;
  readonly createFake: string;
} {
  const stem = serviceStem(service);
  return {
    definition: `${service}Definition`,
    client: `${stem}Client`,
    createClient: `create${stem}Client`,
    implementation: `${stem}Implementation`,
    implement: `implement${stem}`,
    fake: `${stem}Fake`,
    createFake: `create${stem}Fake`,
  };
}

/** `ListBooks` → `listBooks`, as ts-proto's generic definitions do. */
export function methodKey(rpc: string): string {
  return lowerFirst(rpc);
}

export function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

export function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The module of a `.proto` file inside its package, below `src/gen/`, without an ending. */
export function moduleOf(protoFile: string): string {
  return `proto/${protoFile.replace(/\.proto$/, "")}`;
}
