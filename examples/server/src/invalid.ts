import { RpcError } from "@bookstore/rpc";

/** INVALID_ARGUMENT that names a field of the request, such as `book.editions[0].isbn`. */
export function invalid(field: string, description: string): RpcError {
  const value = { fieldViolations: [{ field, description }] };
  return new RpcError("INVALID_ARGUMENT", `${field} ${description}`, {
    details: [{ type: "google.rpc.BadRequest", value }],
  });
}
