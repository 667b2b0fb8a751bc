import { Book_State, type Edition } from "@bookstore/catalog-v2";
import type { OrderLine, PlaceOrderRequest } from "@bookstore/orders-v2";
import { invalid } from "./invalid.ts";
import { toCents, toMoney } from "./money.ts";
import type { Shelves } from "./shelves.ts";

const POSTAGE_CENTS = 295;

/** Lines with their prices, and their sum with the postage of printed books. */
export interface Priced {
  readonly lines: readonly OrderLine[];
  readonly cents: number;
}

/** @throws RpcError for what cannot be sold or sent. */
export function price({ lines, shipTo }: PlaceOrderRequest, shelves: Shelves): Priced {
  if (lines.length === 0) throw invalid("lines", "must have at least one");
  const found = lines.map((line, index) => {
    const edition = editionFor(line.isbn, shelves);
    if (edition?.price === undefined) throw invalid(`lines[${index}].isbn`, `"${line.isbn}" cannot be bought`);
    if (line.quantity < 1) throw invalid(`lines[${index}].quantity`, "must be at least 1");
    return { line, edition, cents: toCents(edition.price) };
  });
  const isPrinted = found.some(({ edition }) => edition.medium?.$case === "print");
  if (isPrinted && shipTo === undefined) throw invalid("ship_to", "must be set for a printed book");
  const sum = found.reduce((total, { line, cents }) => total + line.quantity * cents, 0);
  return {
    lines: found.map(({ line, cents }) => ({ ...line, unitPrice: toMoney(cents) })),
    cents: sum + (isPrinted ? POSTAGE_CENTS : 0),
  };
}

function editionFor(isbn: string, shelves: Shelves): Edition | undefined {
  const book = shelves.findByIsbn(isbn);
  return book?.state === Book_State.ACTIVE ? book.editions.find((each) => each.isbn === isbn) : undefined;
}
