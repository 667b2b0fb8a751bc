/**
 * A message to be sent: every field may be left out or undefined, however deep, and then has its default.
 *
 * A field that the message does not have is a compile error at that field, also inside lists, maps and oneofs.
 * 64-bit fields take bigint, number or string; Date, Uint8Array and Map are taken whole; `unknown`
 * (google.protobuf.Value) stays unknown. A oneof, once chosen by `$case`, needs its `value`.
 */
export type PartialMessage<T> = unknown extends T
  ? T
  : T extends bigint
    ? bigint | number | string
    : // There is nothing partial about a Date.
      T extends string | number | boolean | undefined | null | Date | Uint8Array | ReadonlyMap<unknown, unknown>
      ? T
      : T extends readonly (infer Item)[]
        ? readonly PartialMessage<Item>[]
        : T extends { readonly $case: infer Case; readonly value: infer Value }
          ? { readonly $case: Case; readonly value: PartialMessage<Value> }
          : { readonly [Field in keyof T]?: PartialMessage<T[Field]> | undefined };
