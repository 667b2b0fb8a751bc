/** Clients for tests: the same types and behaviour, without a server. */
export { createFake, type FakeOf, type FakeOptions, type RecordedCall } from "./fake.ts";
export type { Handler, HandlerContext, Implementation } from "./implementation.ts";
