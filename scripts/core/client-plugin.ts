import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponse_Feature,
  CodeGeneratorResponseSchema,
  Edition,
} from "@bufbuild/protobuf/wkt";
import { checkRedefinitions } from "./check-packages.ts";
import { parseConfig } from "./config.ts";
import { type Finding, FindingsError, finding } from "./finding.ts";
import { linkImage } from "./image.ts";
import { renderFinding } from "./messages.ts";
import { nearest } from "./nearest.ts";
import { loadGenerator } from "./sources.ts";
import { WELL_KNOWN_PACKAGE } from "./well-known-types.ts";

/**
 * The protoc plugin as a function: the bytes of a CodeGeneratorRequest in, those of a CodeGeneratorResponse out.
 *
 * Parameters: `scope=@acme` (required) and `root=acme`, as in charter.yaml. It writes whole packages: each one that
 * has a file among `file_to_generate`, and the well-known types. So it must be called once for all files
 * (`strategy: all`), and never with a part of a package (`--path`).
 */
export function runClientPlugin(request: Uint8Array): Uint8Array {
  const { parameter, protoFile, fileToGenerate } = fromBinary(CodeGeneratorRequestSchema, request);
  const response = create(CodeGeneratorResponseSchema, {
    supportedFeatures: BigInt(
      CodeGeneratorResponse_Feature.PROTO3_OPTIONAL | CodeGeneratorResponse_Feature.SUPPORTS_EDITIONS,
    ),
    minimumEdition: Edition.EDITION_PROTO2,
    maximumEdition: Edition.EDITION_2024,
  });
  try {
    const config = parseConfig(undefined, parseParameter(parameter));
    const targets = new Set(fileToGenerate);
    const imported = new Set(protoFile.map((file) => file.name).filter((name) => !targets.has(name)));
    const generator = loadGenerator(linkImage(protoFile), config);
    const findings = [...checkRedefinitions(protoFile, imported), ...generator.findings];
    if (findings.length > 0) throw new FindingsError(findings, 1);
    response.file = generator.packages
      .filter(
        (each) => each.protoPackage === WELL_KNOWN_PACKAGE || each.files.some((file) => targets.has(file.proto.name)),
      )
      .flatMap((each) => generator.sourcesOf(each))
      .map(({ path, content }) => ({
        $typeName: "google.protobuf.compiler.CodeGeneratorResponse.File",
        name: path,
        insertionPoint: "",
        content,
      }));
  } catch (error) {
    if (!(error instanceof FindingsError)) throw error;
    response.error = error.findings.map(renderLine).join("\n");
  }
  return toBinary(CodeGeneratorResponseSchema, response);
}

function parseParameter(parameter: string): { scope?: string; root?: string } {
  const values: { scope?: string; root?: string } = {};
  const findings: Finding[] = [];
  for (const part of parameter.split(",").filter((each) => each !== "")) {
    const [key = "", ...rest] = part.split("=");
    if (key === "scope" || key === "root") values[key] = rest.join("=");
    else findings.push(finding("plugin-parameter", { key, nearest: nearest(key, ["scope", "root"]) }));
  }
  if (findings.length > 0) throw new FindingsError(findings, 2);
  return values;
}

function renderLine(each: Finding): string {
  const { what, fix } = renderFinding(each);
  const { file, line, column } = each.position ?? {};
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${place === "" ? "" : `${place}: `}${what} ${fix}`;
}
