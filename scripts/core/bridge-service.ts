import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Hole } from "./bridge-holes.ts";
import type { Ledger } from "./bridge-ledger.ts";
import { type BridgeNames, sameType } from "./bridge-names.ts";
import type { ServicePair } from "./bridge-pairs.ts";

/** A method of one version that is served by the other. */
export interface PlannedRoute {
  readonly method: DescMethod;
  readonly other: DescMethod;
  readonly request: string;
  readonly response: string;
  /** The table of the paths of the other version's request. */
  readonly paths: string | undefined;
}

export interface PlannedService {
  readonly old: DescService;
  readonly now: DescService;
  /** By which version is served. */
  readonly routes: Readonly<Record<"old" | "now", readonly PlannedRoute[]>>;
  readonly handwritten: Readonly<
    Record<"old" | "now", readonly { readonly method: DescMethod; readonly hole: Hole }[]>
  >;
}

export function planService(ledger: Ledger, { old, now, methods }: ServicePair): PlannedService {
  const { names } = ledger;
  const routes = methods.flatMap((pair) => {
    const [there, back] = [route(names, pair.old, pair.now), route(names, pair.now, pair.old)];
    return there === undefined || back === undefined ? [] : [{ old: there, now: back }];
  });
  const routed = new Set(routes.flatMap((pair) => [pair.old.method, pair.now.method]));
  const left = (side: "old" | "now", service: DescService, other: DescService) =>
    service.methods
      .filter((method) => !routed.has(method) || ledger.isFilled(names.methodHole(method, side)))
      .map((method) => {
        const path = `${names.word(side)}.${service.name}.${method.name}`;
        const type = names.handlerType(method, side, other);
        return { method, hole: ledger.hole(names.methodHole(method, side), path, type) };
      });
  return {
    old,
    now,
    // Also of what is written by hand: errors speak of the fields that its clients know.
    routes: { old: routes.map((pair) => pair.old), now: routes.map((pair) => pair.now) },
    handwritten: { old: left("old", old, now), now: left("now", now, old) },
  };
}

function route(names: BridgeNames, method: DescMethod, other: DescMethod): PlannedRoute | undefined {
  const request = names.messageConverter(method.input, other.input) ?? sameType(method.input, other.input);
  const response = names.messageConverter(other.output, method.output) ?? sameType(other.output, method.output);
  if (request === undefined || response === undefined) return undefined;
  return { method, other, request, response, paths: names.messageConverter(other.input, method.input) };
}
