import { currentName, type Differ, diffElement, diffOrder } from "./differ.ts";
import { pairBy, pairGiven, unpaired } from "./pair.ts";
import { renderMethod } from "./render-element.ts";
import type { Idempotency, MethodSchema, ServiceSchema } from "./schema.ts";

/** All that is different in a service that is on both sides, but its name and its file. */
export function diffService(differ: Differ, before: ServiceSchema, after: ServiceSchema): void {
  const left = pairGiven(unpaired(before.methods, after.methods), differ.given);
  const byName = pairBy(left, ({ name }) => name);
  const old = new Set(before.methods);
  // An rpc that is gone and one that is new, of the same types and kind, are one that was renamed.
  const { pairs, removed, added } = pairBy(byName, (method) => {
    const types = old.has(method)
      ? [currentName(differ, method.input), currentName(differ, method.output)]
      : [method.input, method.output];
    return [...types, method.streamsIn, method.streamsOut].join(" ");
  });
  for (const [from, to] of pairs) diffMethod(differ, from, to);
  for (const method of removed) differ.report("rpc-removed", method.path, renderMethod(method), "", method.position);
  for (const method of added) differ.report("rpc-added", method.path, "", renderMethod(method), method.position);
  diffElement(differ, "service", before, after);
  diffOrder(differ, "rpcs-reordered", [before, after], [before.methods, after.methods], pairs);
}

function diffMethod(differ: Differ, before: MethodSchema, after: MethodSchema): void {
  const report = (rule: string, old: string, now: string): void =>
    differ.report(rule, before.path, old, now, after.position);
  if (before.name !== after.name) report("rpc-renamed", before.name, after.name);
  if (currentName(differ, before.input) !== after.input) report("rpc-request-changed", before.input, after.input);
  if (currentName(differ, before.output) !== after.output) report("rpc-response-changed", before.output, after.output);
  const stream = (streams: boolean): string => (streams ? "stream" : "");
  if (before.streamsIn !== after.streamsIn) {
    report("rpc-request-streaming-changed", stream(before.streamsIn), stream(after.streamsIn));
  }
  if (before.streamsOut !== after.streamsOut) {
    report("rpc-response-streaming-changed", stream(before.streamsOut), stream(after.streamsOut));
  }
  if (before.idempotency !== after.idempotency) {
    const weaker = SAFETY[after.idempotency] < SAFETY[before.idempotency];
    report(weaker ? "rpc-idempotency-weakened" : "rpc-idempotency-strengthened", before.idempotency, after.idempotency);
  }
  diffElement(differ, "rpc", before, after);
}

/** What a client may do without asking: nothing, repeat the call, call whenever it likes. */
const SAFETY: Readonly<Record<Idempotency, number>> = { unknown: 0, idempotent: 1, "no-side-effects": 2 };
