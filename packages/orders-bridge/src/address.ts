import type { Order } from "@bookstore/orders-v2";
import { countryCode, countryName } from "./country.ts";

type Address = NonNullable<Order["shipTo"]>;

/** Name, street, town and country, each on lines of its own. */
export function addressText(address: Address | undefined): string {
  if (address === undefined) return "";
  const { recipient, addressLines, regionCode } = address;
  const end = [townLine(address), countryName(regionCode)].filter((line) => line !== "");
  return [recipient, ...addressLines, ...end].join("\n");
}

/** `1012 AB Amsterdam`, with a state `Portland, OR 97201`, and in Britain `London SW1Y 4JH`. */
function townLine({ locality, administrativeArea: area, postalCode, regionCode }: Address): string {
  const town = area === undefined ? locality : `${locality}, ${area}`;
  const words = area === undefined && regionCode !== "GB" ? [postalCode, town] : [town, postalCode];
  return words.filter((word) => word !== "").join(" ");
}

/**
 * What `addressText` writes. Without a country in the last line nobody can tell a town from a street: then all lines but
 * the first are such of the address.
 */
export function addressOf(text: string): Address | undefined {
  if (text === "") return undefined;
  const [recipient = "", ...lines] = text.split(/\r?\n/);
  const regionCode = countryCode(lines.at(-1) ?? "");
  if (regionCode === undefined) return { ...NOWHERE, recipient, addressLines: lines };
  const [town, ...above] = lines.slice(0, -1).reverse();
  return { ...NOWHERE, recipient, addressLines: above.reverse(), ...townOf(town ?? "", regionCode), regionCode };
}

const NOWHERE = { locality: "", administrativeArea: undefined, postalCode: "", regionCode: "" };

function townOf(line: string, regionCode: string): Pick<Address, "locality" | "administrativeArea" | "postalCode"> {
  const state = /^(.+), ([^\d,]+?)(?: ((?=\S*\d)\S+(?: (?=\S*\d)\S+)?))?$/.exec(line);
  if (state !== null) {
    const [, locality = "", administrativeArea, postalCode = ""] = state;
    return { locality, administrativeArea, postalCode };
  }
  const british = regionCode === "GB" ? /^(.+) ([A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})$/.exec(line) : null;
  if (british !== null) {
    const [, locality = "", postalCode = ""] = british;
    return { locality, administrativeArea: undefined, postalCode };
  }
  // The second group of a code has a digit, or is of capitals after digits alone: 1012 AB, SW1A 1AA.
  const code = /^((?=\S*\d)\S+(?: (?=\S*\d)\S+| [A-Z]{2}(?= ))?) (.+)$/.exec(line);
  if (code === null) return { locality: line, administrativeArea: undefined, postalCode: "" };
  const [, postalCode = "", locality = ""] = code;
  return { locality, administrativeArea: undefined, postalCode };
}
