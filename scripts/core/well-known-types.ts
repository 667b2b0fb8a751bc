import { clone, type DescFile } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_compiler_plugin,
  file_google_protobuf_cpp_features,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_java_features,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";

/** The proto package whose types every tree may use and none may redefine. */
export const WELL_KNOWN_PACKAGE = "google.protobuf";

const FILES: readonly DescFile[] = [
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_compiler_plugin,
  file_google_protobuf_cpp_features,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_java_features,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
];

let copies: readonly FileDescriptorProto[] | undefined;

/** The descriptors of every file that protoc and buf bring themselves, in any order. Made once: nobody writes to one. */
export function wellKnownFiles(): readonly FileDescriptorProto[] {
  copies ??= FILES.map((file) => {
    const copy = clone(FileDescriptorProtoSchema, file.proto);
    copy.name = withEnding(copy.name);
    return copy;
  });
  return copies;
}

export function isWellKnownPath(protoFile: string): boolean {
  return protoFile.startsWith("google/protobuf/");
}

// The descriptors that protobuf-es embeds name themselves with or without the ending, by version.
function withEnding(name: string): string {
  return name.endsWith(".proto") ? name : `${name}.proto`;
}
