import type { Book as OldBook } from "@bookstore/catalog-v1";
import type { Book, Edition, StockLevel } from "@bookstore/catalog-v2";
import { Contributor_Role } from "@bookstore/catalog-v2";
import { RpcError } from "@bookstore/rpc";
import { ALL_WAREHOUSES, editionOf } from "./edition-to-v2.ts";
import { bookToV1, bookToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";
import { again, booksOf, findStored } from "./serve-v1.ts";

/** Field of v1 → field of v2; undefined where v2 has none, or the server sets it. */
const FIELDS = {
  title: ["title", "title"],
  subtitle: ["subtitle", "subtitle"],
  authors: ["authors", "contributors"],
  publisher: ["publisher", "editions"],
  published: ["published", "editions"],
  format: ["format", "editions"],
  price_cents: ["priceCents", "editions"],
  currency: ["currency", "editions"],
  page_count: ["pageCount", "editions"],
  attributes: ["attributes", "attributes"],
  isbn10: ["isbn10", undefined],
  cover_thumbnail: ["coverThumbnail", undefined],
  cover_url: ["coverUrl", "editions"],
  availability: ["availability", "editions"],
  stock: ["stock", "editions"],
  category_id: ["categoryId", "category_ids"],
  weight_grams: ["weightGrams", "editions"],
  file_size_bytes: ["fileSizeBytes", "editions"],
  narrator: ["narrator", "editions"],
  running_minutes: ["runningMinutes", "editions"],
  added_at: ["addedAt", undefined],
} as const satisfies Readonly<Record<string, readonly [keyof OldBook, string | undefined]>>;

type Field = keyof typeof FIELDS;

/** Reads the book, changes what the mask names, and sends those fields of v2 that differ by it. */
export const serveV1UpdateBook: open.ServeV1UpdateBook = async ({ book: given, updateMask = [] }, context, v2) => {
  if (given === undefined) throw new RpcError("INVALID_ARGUMENT", "book must be set");
  const fields = updateMask.length === 0 ? (Object.keys(FIELDS) as Field[]) : updateMask.map(checkField);
  const mask = [...new Set(fields.flatMap((name) => FIELDS[name][1] ?? []))];
  return await again(async () => {
    const stored = await findStored(given.isbn, context, v2);
    const edition = stored.editions.find(({ isbn }) => isbn === given.isbn);
    if (edition === undefined) throw new RpcError("NOT_FOUND", `no book has the ISBN ${given.isbn}`);
    const before = bookToV1({ ...stored, editions: [edition] });
    if (mask.length === 0) return { book: before };
    const after = { ...before };
    for (const name of fields) copy(after, given, FIELDS[name][0]);
    const request = { book: changed(stored, edition, before, after), updateMask: mask };
    const { book } = await v2.updateBook(request, context);
    return { book: book && booksOf(book).find(({ isbn }) => isbn === given.isbn) };
  });
};

function checkField(name: string): Field {
  if (Object.hasOwn(FIELDS, name)) return name as Field;
  const problem = name === "isbn" ? "isbn cannot be changed" : `a book has no field ${name}`;
  throw new RpcError("INVALID_ARGUMENT", `update_mask: ${problem}`);
}

function copy<K extends keyof OldBook>(to: OldBook, from: OldBook, field: K): void {
  to[field] = from[field];
}

/** What v1 does not know of the book stays. */
function changed(stored: Book, edition: Edition, before: OldBook, after: OldBook): Book {
  const wanted = bookToV2(after);
  const others = stored.contributors.filter(({ role }) => role !== Contributor_Role.AUTHOR);
  const isSame = (key: string, text: string): boolean =>
    Object.hasOwn(before.attributes, key) && before.attributes[key] === text;
  return {
    ...stored,
    title: wanted.title,
    subtitle: wanted.subtitle,
    contributors:
      after.authors.join("\n") === before.authors.join("\n")
        ? stored.contributors
        : [...wanted.contributors, ...others],
    editions: stored.editions.map((each) => (each === edition ? changedEdition(edition, before, after) : each)),
    categoryIds:
      after.categoryId === before.categoryId
        ? stored.categoryIds
        : [...wanted.categoryIds, ...stored.categoryIds.slice(1).filter((each) => each !== after.categoryId)],
    attributes: Object.fromEntries(
      Object.entries(after.attributes).map(([key, text]) => [key, isSame(key, text) ? stored.attributes[key] : text]),
    ),
  };
}

function changedEdition(edition: Edition, before: OldBook, after: OldBook): Edition {
  const wanted = editionOf(after);
  const differs = (...fields: readonly (keyof OldBook)[]): boolean =>
    fields.some((field) => !Object.is(before[field], after[field]));
  return {
    ...edition,
    publisher: wanted.publisher,
    coverUrl: differs("coverUrl") ? wanted.coverUrl : edition.coverUrl,
    publishDate: differs("published") ? wanted.publishDate : edition.publishDate,
    price: differs("priceCents", "currency", "availability") ? wanted.price : edition.price,
    format: differs("format") ? wanted.format : edition.format,
    medium: differs("format", ...MEDIUM) ? changedMedium(edition.medium, wanted.medium, differs) : edition.medium,
  };
}

const MEDIUM = ["pageCount", "weightGrams", "stock", "fileSizeBytes", "narrator", "runningMinutes"] as const;

function changedMedium(
  medium: Edition["medium"],
  wanted: Edition["medium"],
  differs: (field: keyof OldBook) => boolean,
): Edition["medium"] {
  if (medium?.$case === "print" && wanted?.$case === "print") {
    const { stock } = medium.value;
    const sum = wanted.value.stock[ALL_WAREHOUSES]?.available ?? 0;
    return { $case: "print", value: { ...wanted.value, stock: differs("stock") ? changedStock(stock, sum) : stock } };
  }
  if (medium?.$case === "audiobook" && wanted?.$case === "audiobook" && !differs("runningMinutes")) {
    return { $case: "audiobook", value: { ...wanted.value, runningTime: medium.value.runningTime } };
  }
  return wanted;
}

/** Another sum of copies: what comes is put where most are, what goes is taken from there. */
function changedStock(stock: Readonly<Record<string, StockLevel>>, sum: number): Record<string, StockLevel> {
  const levels = Object.entries(stock).sort(([, a], [, b]) => b.available - a.available);
  if (levels.length === 0) return { [ALL_WAREHOUSES]: { available: sum, allocated: 0, adjustment: 0 } };
  let rest = levels.reduce((left, [, { available, allocated }]) => left - available - allocated, sum);
  return Object.fromEntries(
    levels.map(([warehouse, level]) => {
      const available = Math.max(level.available + rest, 0);
      rest -= available - level.available;
      return [warehouse, { ...level, available }];
    }),
  );
}
