import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** `Book.State.code` is field `code` of the message `Book.State`, where there is one; else `State.code` of `Book`. */
export function splitField(
  path: string,
  messages: ReadonlyMap<string, DescMessage>,
): readonly [message: string, path: string] {
  for (let end = path.lastIndexOf("."); end > 0; end = path.lastIndexOf(".", end - 1)) {
    if (messages.has(path.slice(0, end))) return [path.slice(0, end), path.slice(end + 1)];
  }
  return [path.slice(0, path.indexOf(".")), path.slice(path.indexOf(".") + 1)];
}

/** The fields that a path goes through, all but the last of them single messages; undefined when one is not there. */
export function fieldsAt(message: DescMessage, path: string): readonly DescField[] | undefined {
  const fields: DescField[] = [];
  let current: DescMessage | undefined = message;
  for (const name of path.split(".")) {
    const field: DescField | undefined = current?.fields.find((each) => each.name === name);
    if (field === undefined) return undefined;
    fields.push(field);
    current = field.fieldKind === "message" ? field.message : undefined;
  }
  return fields;
}

/** `bookstore.catalog.v1.Book.State` → `Book.State`. */
export function insidePackage({ typeName, file }: { typeName: string; file: DescMessage["file"] }): string {
  return file.proto.package === "" ? typeName : typeName.slice(file.proto.package.length + 1);
}
