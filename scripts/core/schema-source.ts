/** The `./schema` entry: the package's descriptors as a value, so that nothing has to be read from disk. */
export function schemaSource(protoPackage: string, schema: Uint8Array): string {
  return `
/** The proto package that this npm package was made from. */
export const protoPackage = ${JSON.stringify(protoPackage)};

/**
 * The serialised google.protobuf.FileDescriptorSet of the package and of everything it imports, in dependency order,
 * with comments. The same bytes as the file schema.binpb of this package.
 */
export function fileDescriptorSet(): Uint8Array {
  return Uint8Array.from(atob(BASE64), (character) => character.charCodeAt(0));
}

const BASE64 = "${base64(schema)}";
`;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  // Arguments of one call are limited in number.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
