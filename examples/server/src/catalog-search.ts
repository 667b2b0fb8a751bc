import {
  type Book,
  Book_State,
  type Category,
  type Edition,
  SearchBooksRequest_Order as Order,
  type SearchBooksRequest,
} from "@bookstore/catalog-v2";

type Query = Pick<SearchBooksRequest, "query" | "categoryId" | "formats" | "onlyAvailable" | "order">;

/** The books that match, in the order that was asked for. A retired book is not searched. */
export function searchBooks(books: readonly Book[], wanted: Query, categories: readonly Category[]): readonly Book[] {
  const { query, categoryId, formats, onlyAvailable } = wanted;
  const shelves = categoryId === undefined ? undefined : idsBelow(categories, categoryId);
  const found = books.filter(
    (book) =>
      book.state === Book_State.ACTIVE &&
      (shelves === undefined || book.categoryIds.some((id) => shelves.has(id))) &&
      (formats.length === 0 || book.editions.some(({ format }) => formats.includes(format))) &&
      (!onlyAvailable || book.editions.some(isAvailable)),
  );
  const order = wanted.order === Order.UNSPECIFIED && query !== "" ? Order.BEST_MATCH : wanted.order;
  const matched = found.flatMap((book) => {
    const match = matchOf(book, plain(query));
    return match === undefined ? [] : [{ book, match }];
  });
  const key = ({ book, match }: (typeof matched)[number]): number =>
    order === Order.BEST_MATCH ? match : order === Order.NEWEST ? -newest(book) : 0;
  return matched
    .sort((a, b) => key(a) - key(b) || (lowestIsbn(a.book) < lowestIsbn(b.book) ? -1 : 1))
    .map(({ book }) => book);
}

/** In a warehouse, or to be downloaded. */
function isAvailable({ price, medium }: Edition): boolean {
  if (price === undefined || medium === undefined) return false;
  return medium.$case !== "print" || Object.values(medium.value.stock).some(({ available }) => available > 0);
}

/** The less the better; undefined for no match. */
function matchOf({ title, contributors, editions }: Book, query: string): number | undefined {
  const places = [[title], contributors.map(({ name }) => name), editions.map(({ publisher }) => publisher)];
  if (plain(title).startsWith(query)) return 0;
  const place = places.findIndex((texts) => texts.some((text) => plain(text).includes(query)));
  return place === -1 ? undefined : place + 1;
}

/** Without case and accents. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function lowestIsbn({ editions }: Book): string {
  return editions.map(({ isbn }) => isbn).sort()[0] ?? "";
}

function newest({ editions }: Book): number {
  const days = editions.map(({ publishDate: date }) =>
    date === undefined ? 0 : (date.year * 100 + date.month) * 100 + date.day,
  );
  return Math.max(0, ...days);
}

function idsBelow(categories: readonly Category[], id: string): ReadonlySet<string> {
  const all = (category: Category): readonly string[] => [category.categoryId, ...category.children.flatMap(all)];
  const found = findCategory(categories, id);
  return new Set(found === undefined ? [] : all(found));
}

export function findCategory(categories: readonly Category[], id: string): Category | undefined {
  for (const each of categories) {
    const found = each.categoryId === id ? each : findCategory(each.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}
