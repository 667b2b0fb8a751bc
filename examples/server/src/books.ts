/** A book as the ranking knows it. */
export interface Book {
  readonly id: string;
  readonly title: string;
  readonly author: string;
  /** The series and the volume in it. */
  readonly series?: { readonly name: string; readonly volume: number };
  /** A category of the catalog, which v1 calls a genre. */
  readonly category: string;
  /** BCP 47. */
  readonly language: string;
  readonly pages: number;
  /** Of the cheapest edition in stock, in cents of the store's currency; undefined: none is in stock. */
  readonly cents?: number;
  /** Copies sold in the last twelve months. */
  readonly sold: number;
  readonly staffPick?: true;
}

/** The store sells in one currency. */
export const CURRENCY = "EUR";

export const BOOKS: readonly Book[] = [
  {
    id: "earthsea-1",
    title: "A Wizard of Earthsea",
    author: "Ursula K. Le Guin",
    series: { name: "Earthsea", volume: 1 },
    category: "fantasy",
    language: "en",
    pages: 183,
    cents: 1099,
    sold: 410,
  },
  {
    id: "earthsea-2",
    title: "The Tombs of Atuan",
    author: "Ursula K. Le Guin",
    series: { name: "Earthsea", volume: 2 },
    category: "fantasy",
    language: "en",
    pages: 163,
    cents: 1099,
    sold: 260,
  },
  {
    id: "left-hand",
    title: "The Left Hand of Darkness",
    author: "Ursula K. Le Guin",
    category: "science-fiction",
    language: "en",
    pages: 304,
    cents: 1299,
    sold: 380,
    staffPick: true,
  },
  {
    id: "hound",
    title: "The Hound of the Baskervilles",
    author: "Arthur Conan Doyle",
    category: "crime",
    language: "en",
    pages: 256,
    cents: 799,
    sold: 520,
  },
  {
    id: "study-in-scarlet",
    title: "A Study in Scarlet",
    author: "Arthur Conan Doyle",
    category: "crime",
    language: "en",
    pages: 108,
    cents: 599,
    sold: 300,
  },
  {
    id: "moonstone",
    title: "The Moonstone",
    author: "Wilkie Collins",
    category: "crime",
    language: "en",
    pages: 528,
    cents: 999,
    sold: 140,
  },
  {
    id: "frankenstein",
    title: "Frankenstein",
    author: "Mary Shelley",
    category: "horror",
    language: "en",
    pages: 280,
    cents: 699,
    sold: 610,
  },
  { id: "dracula", title: "Dracula", author: "Bram Stoker", category: "horror", language: "en", pages: 418, sold: 450 },
  {
    id: "time-machine",
    title: "The Time Machine",
    author: "H. G. Wells",
    category: "science-fiction",
    language: "en",
    pages: 118,
    cents: 549,
    sold: 330,
  },
  {
    id: "verwandlung",
    title: "Die Verwandlung",
    author: "Franz Kafka",
    category: "classics",
    language: "de",
    pages: 96,
    cents: 450,
    sold: 270,
    staffPick: true,
  },
  {
    id: "momo",
    title: "Momo",
    author: "Michael Ende",
    category: "fantasy",
    language: "de",
    pages: 304,
    cents: 1400,
    sold: 350,
  },
];

const byId: ReadonlyMap<string, Book> = new Map(BOOKS.map((book) => [book.id, book]));

export function findBook(id: string): Book | undefined {
  return byId.get(id);
}
