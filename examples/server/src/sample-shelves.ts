import { Book, Book_State, type Category, Contributor_Role, type Edition, Format } from "@bookstore/catalog-v2";
import { BOOKS, type Book as Known } from "./books.ts";
import { checkDigit } from "./isbn.ts";
import { toMoney } from "./money.ts";
import { Shelves } from "./shelves.ts";

const name = (en: string, de: string) => ({ translations: { en, de }, defaultLanguage: "en" });

/** The tree of the store's shelves. */
export const CATEGORIES: readonly Category[] = [
  {
    categoryId: "fiction",
    name: name("Fiction", "Belletristik"),
    children: [
      { categoryId: "classics", name: name("Classics", "Klassiker"), children: [] },
      { categoryId: "crime", name: name("Crime", "Krimis"), children: [] },
      { categoryId: "fantasy", name: name("Fantasy", "Fantasy"), children: [] },
      { categoryId: "horror", name: name("Horror", "Horror"), children: [] },
      { categoryId: "science-fiction", name: name("Science fiction", "Science-Fiction"), children: [] },
    ],
  },
  { categoryId: "cooking", name: name("Cooking", "Kochen"), children: [] },
];

/** An ISBN of this store's making: of the range that is for no country. */
export function sampleIsbn(number: number): string {
  const digits = `978999${String(number).padStart(6, "0")}`;
  return digits + String(checkDigit(digits));
}

/** The books that the ranking knows, each as a paperback, and where the store has one for less as an e-book. */
export function sampleShelves(path?: string): Shelves {
  const shelves = new Shelves(path);
  for (const [index, book] of BOOKS.entries())
    if (shelves.find(book.id) === undefined) shelves.put(toBook(book, index));
  return shelves;
}

function toBook({ id, title, author, category, cents, pages, sold }: Known, index: number): Book {
  const common = { publisher: "Lamplight Press", publishDate: { year: 1990 + index, month: 3, day: 0 } };
  const stock = { "ams-1": { available: 4 + (sold % 7), allocated: 1, adjustment: 0 } };
  const paperback: Edition = {
    ...common,
    isbn: sampleIsbn(index * 2),
    format: Format.PAPERBACK,
    price: toMoney(cents),
    coverUrl: `https://covers.bookstore.example/${id}.jpg`,
    medium: {
      $case: "print",
      value: { pageCount: pages, weightGrams: pages, stock: cents === undefined ? {} : stock },
    },
  };
  const ebook: Edition = {
    ...common,
    isbn: sampleIsbn(index * 2 + 1),
    format: Format.EBOOK,
    price: cents === undefined ? undefined : toMoney(cents - 100),
    coverUrl: undefined,
    medium: { $case: "ebook", value: { pageCount: pages, fileSizeBytes: BigInt(pages) * 2048n } },
  };
  return Book.fromPartial({
    bookId: id,
    title,
    contributors: [{ name: author, role: Contributor_Role.AUTHOR }],
    editions: cents === undefined ? [paperback] : [paperback, ebook],
    categoryIds: [category],
    state: Book_State.ACTIVE,
    createTime: new Date(0),
    updateTime: new Date(0),
  });
}
