import { Metadata as GrpcMetadata } from "@grpc/grpc-js";
import { Metadata, type ReadonlyMetadata } from "./metadata.ts";

/** Views bytes as a Buffer without copying them. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Our metadata as grpc-js's, added to `into`. */
export function toGrpcMetadata(metadata: ReadonlyMetadata, into: GrpcMetadata = new GrpcMetadata()): GrpcMetadata {
  for (const [key, value] of metadata) {
    into.add(key, typeof value === "string" ? value : toBuffer(value));
  }
  return into;
}

/** grpc-js's metadata as ours. A peer's value that we would refuse to send (raw Latin-1) is left out. */
export function fromGrpcMetadata(metadata: GrpcMetadata): Metadata {
  const result = new Metadata();
  for (const [key, values] of Object.entries(metadata.toJSON())) {
    for (const value of values) {
      try {
        result.append(key, typeof value === "string" ? value : new Uint8Array(value));
      } catch {
        // Not ours to judge what a peer sends, and no reason to lose the call over it.
      }
    }
  }
  return result;
}
