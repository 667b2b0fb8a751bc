/** For a test that only runs in `pnpm soak`: the same as another one does, in another order or place. */
export const LONG: { readonly skip?: string } = process.env["SOAK"] === "1" ? {} : { skip: "runs in pnpm soak" };
