import type { Against } from "../core/against.ts";
import { type Baseline, baselineHistories, baselineSchema } from "../core/baseline.ts";
import type { Change } from "../core/change.ts";
import { diff, inOrder } from "../core/diff.ts";
import type { CompilerUse } from "../core/diff-report.ts";
import type { Image } from "../core/image.ts";
import type { Naming } from "../core/names.ts";
import { markedPackage } from "../core/package-json.ts";
import { readAhead, readSchema } from "../core/read-schema.ts";
import type { Schema } from "../core/schema.ts";
import { readBaseline } from "../io/baseline.ts";
import { readPackagesFolder } from "../io/packages-folder.ts";
import { askCompiler } from "./ask-compiler.ts";
import type { Workspace } from "./command.ts";
import { loadImage } from "./load-schemas.ts";

/** The workspace beside its baseline. */
export interface Changes {
  readonly image: Image;
  /** What the diff sees of the image. */
  readonly schema: Schema;
  readonly baseline: Baseline;
  readonly compiler: CompilerUse;
  readonly changes: readonly Change[];
  /** The proto packages that are there now, but protobuf's own. */
  readonly protoPackages: readonly string[];
  /** Import path → path from the root. */
  readonly paths: ReadonlyMap<string, string>;
}

export interface ChangesOptions {
  readonly workspace: Workspace;
  /** undefined: no scope is configured. */
  readonly naming: Naming | undefined;
  readonly against: Against;
  /** The value of --registry. */
  readonly registry: string | undefined;
  /** Leave the compiler out, and what was published: for a quick answer. */
  readonly rulesOnly?: boolean;
}

/** Compiles the workspace, reads the baseline, and compares the two: by the rules, and by asking the compiler. @throws FindingsError when there is no answer. */
export async function loadChanges(asked: ChangesOptions): Promise<Changes> {
  const { workspace, naming, against, registry, rulesOnly = false } = asked;
  const { root, out, config } = workspace;
  const { image, files } = await loadImage(workspace);
  const protoPackages = image.ownPackages;
  const gone = await publishedBefore(out, image);
  let schema: Schema | undefined;
  const meanwhile = (importPaths: ReadonlySet<string>): void => {
    schema = readSchema(image);
    // Of a package that is new, no type is looked at.
    readAhead(schema, (own) => own.some(({ path }) => importPaths.has(path)));
  };
  const options = { root, out, naming, registry, protoPackages: [...protoPackages, ...gone], meanwhile };
  const baseline = await readBaseline(against, options);
  const after = schema ?? readSchema(image);
  const told = diff(baselineSchema(baseline), after, baselineHistories(baseline)).filter(
    (change) => baseline.only === undefined || change.package === baseline.only,
  );
  const seen = rulesOnly ? undefined : await askCompiler({ config, image, baseline, changes: told });
  const compiler = seen !== undefined ? "asked" : rulesOnly ? "left-out" : "refused";
  const changes = [...told, ...(seen ?? [])].sort(inOrder);
  const paths = new Map(files.map((file) => [file.importPath, file.path]));
  return { image, schema: after, baseline, compiler, changes, protoPackages, paths };
}

/** The proto packages whose npm packages are still in the output folder, and whose schemas are gone. */
async function publishedBefore(out: string, image: Image): Promise<readonly string[]> {
  const { existing } = await readPackagesFolder(out);
  const now = new Set(image.packages);
  return [...existing.values()].flatMap((json) => markedPackage(json) ?? []).filter((name) => !now.has(name));
}
