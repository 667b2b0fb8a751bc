import type { DescEnum } from "@bufbuild/protobuf";
import type { Ledger } from "./bridge-ledger.ts";
import type { Way } from "./bridge-names.ts";
import type { EnumPair } from "./bridge-pair-enums.ts";
import { enumMembers } from "./ts-names.ts";

export interface EnumConverter {
  readonly name: string;
  readonly way: Way;
  readonly from: DescEnum;
  readonly to: DescEnum;
  /** Value → an expression of its counterpart. */
  readonly cases: readonly { readonly from: string; readonly to: string; readonly lost: string | undefined }[];
}

export function planEnum(ledger: Ledger, pair: EnumPair, way: Way): EnumConverter {
  const [from, to] = way === "toNow" ? [pair.old, pair.now] : [pair.now, pair.old];
  const [forth, back] = way === "toNow" ? [pair.toNow, pair.toOld] : [pair.toOld, pair.toNow];
  const members = enumMembers(to);
  const type = ledger.names.typeOf(to);
  const seen = new Set<number>();
  const cases = from.values.flatMap((value) => {
    // Another name of the same number.
    if (seen.has(value.number)) return [];
    seen.add(value.number);
    const path = ledger.names.pathOf(from, value.name);
    const target = forth.get(value.name);
    const own = enumMembers(from).get(value.name) ?? value.name;
    const written = `${ledger.names.typeOf(from)}.${own}`;
    if (target !== undefined) {
      if (back.get(target) !== value.name) ledger.need(path, "the other version has one value for several");
      const lost = ledger.isDeclared(path) ? path : undefined;
      return [{ from: written, to: `${type}.${members.get(target) ?? target}`, lost }];
    }
    const hole = ledger.hole(ledger.names.valueHole(from, own, way), path, type);
    const none = `${type}.${members.get(to.values[0]?.name ?? "") ?? ""}`;
    return [
      {
        from: written,
        to: hole.filled || hole.required ? hole.name : none,
        lost: ledger.isDeclared(path) ? path : undefined,
      },
    ];
  });
  return { name: ledger.names.enumConverter(from, to) ?? "", way, from, to, cases };
}
