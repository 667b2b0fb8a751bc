import type { Break } from "./change.ts";
import { type PastField, type PastMember, parseType, statementOf } from "./past.ts";
import type { FieldSchema } from "./schema.ts";
import { scalarBreaks } from "./type-change.ts";

/**
 * What a reader of the field misunderstands in what was written when it was another one, by its type alone.
 * @param was with the names that its types have now.
 */
export function typeBreaks(was: PastField, now: FieldSchema): readonly Break[] {
  const shape = parseType(was.type);
  if (shape === undefined) throw new Error(`${was.type} is no type`);
  if (shape.cardinality !== now.cardinality || shape.mapKey !== now.mapKey) return ["wire", "json"];
  if (shape.type.kind === now.type.kind && shape.type.name === now.type.name) {
    return shape.delimited === now.delimited ? [] : ["wire"];
  }
  // Another message or enum: the one of then may be gone, so nobody can look at both.
  if (shape.type.kind === now.type.kind && shape.type.name !== "") return ["wire", "json"];
  return scalarBreaks({ ...now, ...shape }, now);
}

/** By what each element is called since. */
export type Identity = (statement: string) => string;

/** Which element a name and number stand for: under whichever name and number that some release had, it is the same. */
export function identityOf(members: readonly PastMember[]): Identity {
  const since = new Map(members.flatMap((each) => (each.now === undefined ? [] : [[statementOf(each), each.now]])));
  return (statement) => since.get(statement) ?? statement;
}
