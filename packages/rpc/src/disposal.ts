/**
 * `{ [Symbol.asyncDispose](): Promise<void> }` where the consumer's TypeScript knows that symbol, and `{}` where it
 * does not: so our declarations compile without the `esnext.disposable` library.
 */
export type AsyncDisposal = {
  readonly [Key in SymbolConstructor extends { readonly asyncDispose: infer Dispose extends symbol }
    ? Dispose
    : never]: () => Promise<void>;
};
