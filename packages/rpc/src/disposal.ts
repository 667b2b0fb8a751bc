/**
 * `{ [Symbol.asyncDispose](): Promise<void> }` where the consumer's TypeScript knows that symbol, and `{}` where it
 * does not: so our declarations compile without the `esnext.disposable` library.
 */
export type AsyncDisposal = {
  readonly [Key in DisposeKey]: () => Promise<void>;
};

type DisposeKey = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol } ? Key : never;
