import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as v1 from "@bookstore/recommendations-v1";
import { createChannel, type PartialMessage, RpcError } from "@bookstore/rpc";
import { sampleHistory } from "../examples/server/src/history.ts";
import { host } from "../examples/server/src/host.ts";
import { sampleIsbn } from "../examples/server/src/sample-shelves.ts";
import { bookToV1, bookToV2, catalogBridge } from "../packages/catalog-bridge/dist/gen/index.js";
import * as catalogV1 from "../packages/catalog-v1/dist/index.js";
import * as catalogV2 from "../packages/catalog-v2/dist/index.js";
import { getOrderResponseToV1, getOrderResponseToV2, ordersBridge } from "../packages/orders-bridge/dist/gen/index.js";
import * as ordersV1 from "../packages/orders-v1/dist/index.js";
import * as ordersV2 from "../packages/orders-v2/dist/index.js";
import { implementOrders } from "../packages/orders-v2/dist/server.js";
import { losses } from "../packages/recommendations-bridge/dist/gen/index.js";
import { bridgeClient, bridgeServer, connectInProcess } from "../packages/rpc/dist/bridge.js";
import { type RunningServer, serve } from "../packages/rpc-server/dist/index.js";
import { serveV1 } from "./support/native-v1.ts";

let hosted: RunningServer;
let native: RunningServer;
before(async () => {
  const history = sampleHistory();
  hosted = await host();
  native = await serve({ address: "127.0.0.1:0", services: [serveV1(history)], shutdown: { signals: [] } });
  void native.ended.then(() => history[Symbol.dispose]());
});
after(() => Promise.all([hosted.close(0), native.close(0)]));

/** An answer, or the code and the text of an error. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    assert.ok(RpcError.is(error), String(error));
    return [error.codeName, error.rawMessage];
  }
}

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  const outcome = await outcomeOf(call);
  return Array.isArray(outcome) ? outcome[0] : outcome;
}

type Client = v1.RecommendationsClient;
type Call = readonly [name: string, call: (client: Client) => Promise<unknown>, loss?: string];

const recommend =
  (request: Parameters<Client["recommend"]>[0]): Call[1] =>
  async (client) => {
    const { items, generatedAt } = await client.recommend(request);
    // The moment is another one each time, but always a text of one form.
    return { items, generatedAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(generatedAt) };
  };
const stream =
  (request: Parameters<Client["streamRecommendations"]>[0]): Call[1] =>
  async (client) => {
    const items: unknown[] = [];
    for await (const { item } of client.streamRecommendations(request)) items.push(item);
    return items;
  };
const record =
  (request: Parameters<Client["recordEvent"]>[0]): Call[1] =>
  (client) =>
    client.recordEvent({ userId: "mover", bookId: "momo", ...request });

const { EventType } = v1;

/** In this order: what is recorded is in the answers after it. */
const CALLS: readonly Call[] = [
  ["recommend", recommend({ userId: "reader-7" })],
  ["recommend, the account before the session", recommend({ userId: "reader-7", sessionId: "session-1", limit: 3 })],
  ["recommend for a session", recommend({ sessionId: "session-1", limit: 100 })],
  ["recommend for somebody unknown", recommend({ userId: "nobody" })],
  ["recommend of some genres", recommend({ userId: "reader-7", genres: ["crime", "horror"] })],
  ["recommend in a language", recommend({ userId: "reader-7", language: "de" })],
  ["recommend where the filter leaves nothing", recommend({ userId: "reader-7", language: "fr", limit: 4 })],
  ["recommend for nobody", recommend({})],
  ["recommend too many", recommend({ userId: "reader-7", limit: 101 })],
  ["recommend less than none", recommend({ userId: "reader-7", limit: -1 })],
  ["recommendSimilar", (client) => client.recommendSimilar({ bookId: "hound" })],
  ["recommendSimilar for a reader", (client) => client.recommendSimilar({ bookId: "hound", userId: "reader-8" })],
  ["recommendSimilar, limited", (client) => client.recommendSimilar({ bookId: "earthsea-1", limit: 1 })],
  ["recommendSimilar of no book", (client) => client.recommendSimilar({ bookId: "no-book" })],
  ["recommendSimilar, too many", (client) => client.recommendSimilar({ bookId: "hound", limit: 101 })],
  ["streamRecommendations to its limit", stream({ userId: "reader-7", limit: 3 })],
  ["streamRecommendations to the end of the list", stream({ userId: "reader-7" })],
  ["streamRecommendations for nobody", stream({})],
  ["recordEvent, viewed", record({ type: EventType.VIEWED, dwellSeconds: 12 })],
  ["recordEvent, purchased", record({ type: EventType.PURCHASED, occurredAt: "2026-01-02T03:04:05Z" })],
  ["recordEvent, rated", record({ bookId: "earthsea-1", type: EventType.RATED, stars: 5 })],
  ["recordEvent, liked", record({ bookId: "hound", type: EventType.LIKED, properties: { from: "shelf" } })],
  ["recordEvent, dismissed", record({ bookId: "dracula", type: EventType.DISMISSED })],
  ["recordEvent of no type", record({})],
  ["recordEvent of too many stars", record({ type: EventType.RATED, stars: 6 })],
  ["recordEvent of no book", record({ bookId: "no-book", type: EventType.VIEWED })],
  ["recordEvent of nobody", record({ userId: "", type: EventType.VIEWED })],
  ["recordEvent at no time", record({ type: EventType.VIEWED, occurredAt: "yesterday" })],
  ["recommend after these events", recommend({ userId: "mover", limit: 100 })],
  [
    "explainScore",
    (client) => client.explainScore({ userId: "reader-7", bookId: "earthsea-2" }),
    "v1.RecommendationsService.ExplainScore",
  ],
];

test("a client of recommendations v1 cannot tell the bridged server from one that was written for it", async () => {
  await using toNative = v1.createRecommendationsClient(native.address);
  await using toBridged = v1.createRecommendationsClient(hosted.address);
  for (const [name, call, loss] of CALLS) {
    const [wanted, found] = [await outcomeOf(call(toNative)), await outcomeOf(call(toBridged))];
    if (loss === undefined) assert.deepEqual(found, wanted, name);
    else {
      assert.notDeepEqual(found, wanted, name);
      assert.ok(
        losses.some(({ path }) => path === loss),
        loss,
      );
    }
  }
  const methods = Object.keys(v1.RecommendationsServiceDefinition.methods);
  const called = new Set(CALLS.map(([name]) => name.split(/[ ,]/)[0]));
  assert.deepEqual([...called].sort(), methods.sort());
});

describe("what the protos call valid comes back whole, and no loss is told", () => {
  const told: string[] = [];
  const onLoss = ({ path }: { readonly path: string }): void => void told.push(path);
  const { Availability } = catalogV1;
  const common = {
    isbn: "9780306406157",
    title: "Title",
    subtitle: "Subtitle",
    authors: ["One", "Two"],
    publisher: "Publisher",
    priceCents: 1299n,
    currency: "EUR",
    coverUrl: "https://covers.bookstore.example/1.jpg",
    categoryId: "crime",
    attributes: { illustrator: "Three" },
    availability: Availability.IN_STOCK,
    addedAt: "2026-01-02T03:04:05Z",
  };
  const books: Readonly<Record<string, Partial<catalogV1.Book>>> = {
    "a hardcover": { format: "hardcover", published: "2007-05-01", pageCount: 300, stock: 4, weightGrams: 512.5 },
    "a paperback without stock": { format: "paperback", published: "2024", availability: Availability.BACKORDER },
    "one out of print": {
      format: "paperback",
      published: "2024-12",
      priceCents: 0n,
      currency: "",
      availability: Availability.OUT_OF_PRINT,
    },
    "a free e-book": { format: "ebook", priceCents: 0n, pageCount: 0, fileSizeBytes: 5_000_000n },
    "an audiobook": { format: "audiobook", narrator: "Four", runningMinutes: 605, fileSizeBytes: 1n },
  };
  for (const [name, book] of Object.entries(books)) {
    test(`of catalog v1: ${name}`, () => {
      const whole = catalogV1.Book.fromPartial({ ...common, ...book });
      told.length = 0;
      assert.deepEqual(bookToV1(bookToV2(whole, onLoss), onLoss), whole);
      assert.deepEqual(
        // v1 has no word for "active" either.
        told.filter((path) => path !== "v2.Book.state"),
        [],
      );
    });
  }

  const addresses = [
    "Ada Reader\nPrinsengracht 263\n1016 GV Amsterdam\nNetherlands",
    "Ada Reader\nHauptstr. 5\nHinterhaus\n10115 Berlin\nGermany",
    "Ada Reader\n1 Main St\nPortland, OR 97201\nUnited States",
    "Ada Reader\n12 St James's Square\nLondon SW1Y 4JH\nUnited Kingdom",
    "Ada Reader, who comes for it",
    "",
  ];
  for (const shipTo of addresses) {
    test(`of orders v1: sent to ${JSON.stringify(shipTo)}`, () => {
      const whole = ordersV1.GetOrderResponse.fromPartial({
        order: {
          orderId: "order-3",
          customerId: "ann",
          lines: [{ isbn: common.isbn, quantity: 3, unitPrice: 12.99 }],
          status: "shipped",
          placedAt: "2026-01-02T03:04:05.678Z",
          total: 0.1 + 0.2,
          currency: "EUR",
          shipTo,
          carrier: "PostNL",
          trackingNumber: "3S1",
          shippedAt: "2026-01-03T03:04:05Z",
          transitDays: 2,
        },
      });
      told.length = 0;
      const there = getOrderResponseToV2(whole, onLoss);
      assert.deepEqual(told, []);
      const { order } = getOrderResponseToV1(there);
      assert.deepEqual({ ...order, total: 0 }, { ...whole.order, total: 0 });
      // The server rounds to hundredths; what is less than a billionth is gone.
      assert.equal(order?.total, 0.3);
    });
  }
});

describe("catalog v1, bridged", () => {
  let old: catalogV1.CatalogClient;
  let current: catalogV2.CatalogClient;
  before(() => {
    const channel = createChannel(hosted.address);
    old = catalogV1.createCatalogClient(channel);
    current = catalogV2.createCatalogClient(channel);
  });
  after(() => old.close());

  test("has a book for each edition", async () => {
    const { book } = await old.getBook({ isbn: sampleIsbn(1) });
    const { title, authors, format, priceCents, currency, availability, stock, pageCount, categoryId } = book ?? {};
    assert.deepEqual(
      { title, authors, format, priceCents, currency, availability, stock, pageCount, categoryId },
      {
        title: "A Wizard of Earthsea",
        authors: ["Ursula K. Le Guin"],
        format: "ebook",
        priceCents: 999n,
        currency: "EUR",
        availability: catalogV1.Availability.IN_STOCK,
        stock: 0,
        pageCount: 183,
        categoryId: "fantasy",
      },
    );
    assert.equal(book?.published, "1990-03");
    assert.equal(book.isbn10, "9990000018");
    assert.equal(await codeOf(old.getBook({ isbn: "9780000000002" })), "NOT_FOUND");
    const { books } = await old.listBooks({});
    assert.equal(books.length, 21);
    assert.deepEqual(
      books.map(({ isbn }) => isbn),
      books.map(({ isbn }) => isbn).sort(),
    );
  });

  test("finds books by a text", async () => {
    const found = await old.findBooks({ query: "DOYLE", categoryId: "crime" });
    assert.equal(found.books.length, 4);
    assert.equal((await old.findBooks({ query: "Doyle", categoryId: "fiction" })).books.length, 0);
    assert.equal((await old.findBooks({ query: "Dracula", onlyAvailable: true })).books.length, 0);
    assert.equal(await codeOf(old.findBooks({ query: "d" })), "INVALID_ARGUMENT");
  });

  test("lists the tree of categories, parents before their children", async () => {
    const { categories } = await old.listCategories({});
    assert.deepEqual(categories[0], { categoryId: "fiction", name: "Fiction", parentId: "" });
    assert.ok(categories.slice(1, 6).every(({ parentId }) => parentId === "fiction"));
  });

  test("adds, changes and removes a book, and keeps what only v2 knows", async () => {
    const [isbn, second] = [sampleIsbn(100), sampleIsbn(101)];
    const given = { isbn, title: "Emma", authors: ["Jane Austen"], format: "paperback", priceCents: 899n, stock: 7 };
    const { book } = await old.createBook({ book: { ...given, currency: "EUR", published: "1815" } });
    assert.equal(book?.availability, catalogV1.Availability.IN_STOCK);
    assert.match(book.addedAt, /Z$/);
    assert.equal(await codeOf(old.createBook({ book: given })), "ALREADY_EXISTS");
    assert.equal(await codeOf(old.createBook({ book: { ...given, isbn: "9789990001009" } })), "INVALID_ARGUMENT");

    const { book: work } = await current.getBook({ key: { $case: "isbn", value: isbn } });
    assert.ok(work !== undefined);
    const [first] = work.editions;
    assert.ok(first !== undefined);
    const editor = { name: "R. W. Chapman", role: catalogV2.Contributor_Role.EDITOR };
    const stock = { "ams-1": { available: 4, allocated: 1 }, "ber-1": { available: 2 } };
    const print = { ...first, medium: { $case: "print", value: { stock } } } as const;
    const changed = {
      ...work,
      contributors: [...work.contributors, editor],
      editions: [print, { ...print, isbn: second }],
    };
    await current.updateBook({ book: changed, updateMask: ["contributors", "editions"] });

    const update = { isbn, title: "Emma!", priceCents: 950n, stock: 9, currency: "EUR" };
    await old.updateBook({ book: update, updateMask: ["title", "price_cents", "stock"] });
    const { book: after } = await current.getBook({ key: { $case: "bookId", value: work.bookId } });
    assert.deepEqual([after?.title, after?.contributors.at(-1)], ["Emma!", editor]);
    assert.deepEqual(
      after?.editions.map((each) => each.price?.nanos),
      [500_000_000, 990_000_000],
    );
    const medium = after.editions[0]?.medium;
    const levels = medium?.$case === "print" ? medium.value.stock : {};
    assert.deepEqual([levels["ams-1"]?.available, levels["ams-1"]?.allocated, levels["ber-1"]?.available], [6, 1, 2]);
    await old.updateBook({ book: { isbn, authors: ["Miss Austen"] }, updateMask: ["authors"] });
    const renamed = await current.getBook({ key: { $case: "isbn", value: isbn } });
    assert.deepEqual(
      renamed.book?.contributors.map(({ name }) => name),
      ["Miss Austen", editor.name],
    );
    for (const path of ["isbn", "colour"]) {
      assert.equal(await codeOf(old.updateBook({ book: update, updateMask: [path] })), "INVALID_ARGUMENT");
    }

    await old.deleteBook({ isbn });
    await old.deleteBook({ isbn });
    assert.equal(await codeOf(old.getBook({ isbn })), "NOT_FOUND");
    assert.equal((await old.getBook({ isbn: second })).book?.title, "Emma!");
    await old.deleteBook({ isbn: second });
    assert.equal(await codeOf(old.getBook({ isbn: second })), "NOT_FOUND");
    const { book: retired } = await current.getBook({ key: { $case: "isbn", value: second } });
    assert.equal(retired?.state, catalogV2.Book_State.RETIRED);
  });
});

describe("orders v1, bridged", () => {
  let old: ordersV1.OrdersClient;
  let current: ordersV2.OrdersClient;
  before(() => {
    const channel = createChannel(hosted.address);
    old = ordersV1.createOrdersClient(channel);
    current = ordersV2.createOrdersClient(channel);
  });
  after(() => old.close());

  const lines = [{ isbn: sampleIsbn(0), quantity: 2 }];
  const shipTo = "Ada Reader\nPrinsengracht 263\n1016 GV Amsterdam\nNetherlands";
  const request = { customerId: "ann", lines, shipTo, cardToken: "tok" };

  test("shows an order with its parcel", async () => {
    const { order } = await old.getOrder({ orderId: "order-2" });
    assert.deepEqual(order, {
      orderId: "order-2",
      customerId: "reader-7",
      lines: [{ isbn: sampleIsbn(6), quantity: 1, unitPrice: 7.99 }],
      status: "shipped",
      placedAt: "2026-03-01T09:30:00Z",
      total: 10.94,
      currency: "EUR",
      shipTo,
      carrier: "PostNL",
      trackingNumber: "3SORDER-2",
      shippedAt: "2026-03-02T16:00:00Z",
      transitDays: 2,
    });
    const { orders } = await old.listOrders({ customerId: "reader-7" });
    assert.deepEqual(
      orders.map(({ orderId, status, carrier }) => [orderId, status, carrier]),
      [
        ["order-2", "shipped", "PostNL"],
        ["order-1", "delivered", "PostNL"],
      ],
    );
    assert.equal((await old.getOrderStatus({ orderId: "order-1" })).status, "delivered");
    assert.equal(await codeOf(old.getOrder({ orderId: "none" })), "NOT_FOUND");
    assert.equal(await codeOf(old.cancelOrder({ orderId: "order-2" })), "FAILED_PRECONDITION");
  });

  test("places orders, each call another one, paid as v1 says", async () => {
    const [{ order }, { order: again }] = [await old.placeOrder(request), await old.placeOrder(request)];
    assert.deepEqual([order?.status, order?.total, order?.shipTo], ["paid", 24.93, shipTo]);
    assert.notEqual(order?.orderId, again?.orderId);
    const { order: stored } = await current.getOrder({ orderId: order?.orderId ?? "" });
    assert.equal(stored?.shipTo?.postalCode, "1016 GV");
    // A voucher that does not cover the total leaves it to the card.
    const paid = { ...request, voucherCode: "GIFT-20" };
    assert.equal((await old.placeOrder(paid)).order?.status, "paid");
    const refused = { ...paid, cardToken: "declined" };
    assert.equal(await codeOf(old.placeOrder(refused)), "FAILED_PRECONDITION");
    assert.equal(await codeOf(old.placeOrder({ ...paid, cardToken: "" })), "FAILED_PRECONDITION");
    const debited = { ...request, cardToken: "", iban: "NL91ABNA0417164300" };
    assert.equal((await old.placeOrder(debited)).order?.status, "paid");
    assert.equal(await codeOf(old.placeOrder({ ...request, lines: [{ isbn: "x", quantity: 1 }] })), "INVALID_ARGUMENT");
  });

  test("streams changes of the status until the last", async () => {
    const { order } = await old.placeOrder({ ...request, customerId: "watching" });
    const orderId = order?.orderId ?? "";
    const seen: string[] = [];
    for await (const { status, changedAt } of old.watchOrder({ orderId })) {
      assert.match(changedAt, /Z$/);
      seen.push(status);
      if (seen.length === 1) assert.equal((await old.cancelOrder({ orderId })).order?.status, "cancelled");
    }
    assert.deepEqual(seen, ["paid", "cancelled"]);
    assert.equal((await old.cancelOrder({ orderId })).order?.status, "cancelled");
  });
});

test("orders v1, bridged, sends neither parcels nor heartbeats", async () => {
  const eventTime = new Date("2026-03-02T16:00:00Z");
  const changes: readonly PartialMessage<ordersV2.WatchOrderResponse>[] = [
    { eventTime, update: { $case: "statusChange", value: { status: ordersV2.OrderStatus.ON_HOLD } } },
    { eventTime, update: { $case: "heartbeat", value: {} } },
    { eventTime, update: { $case: "shipment", value: { carrier: "PostNL" } } },
    { eventTime, update: { $case: "statusChange", value: { status: ordersV2.OrderStatus.SHIPPED } } },
  ];
  const server = implementOrders({ watchOrder: () => changes });
  await using old = ordersV1.createOrdersClient(connectInProcess(bridgeServer(server, ordersBridge)));
  const changedAt = "2026-03-02T16:00:00Z";
  const seen: unknown[] = [];
  for await (const change of old.watchOrder({ orderId: "order-3" })) seen.push(change);
  assert.deepEqual(seen, [
    { status: "placed", changedAt },
    { status: "shipped", changedAt },
  ]);
});

describe("version 2 of the example server", () => {
  test("pages through the catalog, and refuses a token that is not its own", async () => {
    await using catalog = catalogV2.createCatalogClient(hosted.address);
    const query = { categoryId: "fiction", pageSize: 4 };
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await catalog.searchBooks({ ...query, pageToken });
      assert.equal(page.totalSize, 11n);
      seen.push(...page.books.map(({ bookId }) => bookId));
      pageToken = page.nextPageToken;
      if (pageToken === "") continue;
      assert.equal(await codeOf(catalog.searchBooks({ ...query, query: "x", pageToken })), "INVALID_ARGUMENT");
    } while (pageToken !== "");
    assert.equal(new Set(seen).size, 11);
    assert.equal(await codeOf(catalog.searchBooks({ ...query, pageToken: "damaged" })), "INVALID_ARGUMENT");
  });

  test("refuses a change of a book that somebody else has changed, and faults by their fields", async () => {
    await using catalog = catalogV2.createCatalogClient(hosted.address);
    const { book } = await catalog.getBook({
      key: { $case: "bookId", value: "momo" },
      readMask: ["book_id", "revision"],
    });
    assert.equal(book?.title, "");
    const updateMask = ["subtitle"];
    await catalog.updateBook({ book: { ...book, subtitle: "Eine Geschichte" }, updateMask });
    assert.equal(
      await codeOf(catalog.updateBook({ book: { ...book, subtitle: "Ein Märchen" }, updateMask })),
      "ABORTED",
    );
    assert.equal(await codeOf(catalog.updateBook({ book })), "INVALID_ARGUMENT");
    const error: unknown = await catalog
      .createBook({ book: { title: "x", editions: [{ isbn: "1" }] } })
      .catch((e) => e);
    assert.ok(RpcError.is(error));
    const violations = error.detail("google.rpc.BadRequest")?.fieldViolations.map(({ field }) => field);
    assert.deepEqual(violations, ["book.editions[0].isbn"]);
  });

  test("places an order once for its request_id, and resumes its changes", async () => {
    await using orders = ordersV2.createOrdersClient(hosted.address);
    const card = { $case: "card", value: { token: "tok" } } as const;
    const lines = [{ isbn: sampleIsbn(1), quantity: 1 }];
    const request = { requestId: "r-1", buyerId: "ben", lines, paymentMethod: { method: card } };
    const { order } = await orders.placeOrder(request);
    assert.deepEqual((await orders.placeOrder(request)).order, order);
    assert.equal(await codeOf(orders.placeOrder({ ...request, buyerId: "eve" })), "ALREADY_EXISTS");
    assert.equal(await codeOf(orders.placeOrder({ ...request, requestId: "" })), "INVALID_ARGUMENT");
    const printed = { ...request, requestId: "r-2", lines: [{ isbn: sampleIsbn(0), quantity: 1 }] };
    assert.equal(await codeOf(orders.placeOrder(printed)), "INVALID_ARGUMENT");
    const ofOrder = async (afterSequence: bigint): Promise<unknown[]> => {
      const seen: unknown[] = [];
      for await (const { sequence, update } of orders.watchOrder({ orderId: "order-1", afterSequence })) {
        seen.push([sequence, update?.$case]);
      }
      return seen;
    };
    assert.deepEqual(await ofOrder(2n), [
      [3n, "statusChange"],
      [4n, "statusChange"],
    ]);
    assert.deepEqual(await ofOrder(4n), []);
    const first = await orders.listOrders({ buyerId: "reader-7", pageSize: 1 });
    assert.deepEqual(
      first.orders.map(({ orderId }) => orderId),
      ["order-2"],
    );
    const rest = await orders.listOrders({ buyerId: "reader-7", pageSize: 1, pageToken: first.nextPageToken });
    assert.deepEqual([rest.orders[0]?.orderId, rest.nextPageToken], ["order-1", ""]);
  });
});

describe("version 2 by a server that has version 1 alone", () => {
  test("searches, changes and retires books", async () => {
    await using old = catalogV1.createCatalogClient(hosted.address);
    await using moved = catalogV2.createCatalogClient(connectInProcess(bridgeClient(old, catalogBridge)));
    const query = { categoryId: "fiction", formats: [catalogV2.Format.EBOOK], pageSize: 6 };
    const first = await moved.searchBooks(query);
    const second = await moved.searchBooks({ ...query, pageToken: first.nextPageToken });
    assert.deepEqual([first.totalSize, first.books.length, second.books.length], [10n, 6, 4]);
    assert.equal(second.nextPageToken, "");
    const other = moved.searchBooks({ ...query, formats: [], pageToken: first.nextPageToken });
    assert.equal(await codeOf(other), "INVALID_ARGUMENT");
    assert.deepEqual((await moved.searchBooks({ query: "verne" })).books, []);
    const { categories } = await moved.listCategories({ rootCategoryId: "fiction", maxDepth: 1 });
    assert.deepEqual(
      categories.map(({ categoryId }) => categoryId),
      ["classics", "crime", "fantasy", "horror", "science-fiction"],
    );

    const isbn = sampleIsbn(200);
    const edition = { isbn, format: catalogV2.Format.PAPERBACK, medium: { $case: "print", value: {} } } as const;
    const given = { title: "Persuasion", editions: [{ ...edition, price: { currencyCode: "EUR", units: 9n } }] };
    const { book } = await moved.createBook({ book: given });
    assert.ok(book !== undefined);
    assert.deepEqual([book.bookId, book.editions[0]?.price?.units], [isbn, 9n]);
    const two = { ...given, editions: [edition, { ...edition, isbn: sampleIsbn(201) }] };
    assert.equal(await codeOf(moved.createBook({ book: two })), "INVALID_ARGUMENT");
    const changed = await moved.updateBook({ book: { ...book, title: "Sanditon" }, updateMask: ["title"] });
    assert.equal(changed.book?.title, "Sanditon");
    for (const updateMask of [[], ["revision"], ["colour"]]) {
      assert.equal(await codeOf(moved.updateBook({ book, updateMask })), "INVALID_ARGUMENT");
    }
    assert.equal(await codeOf(moved.updateBook({ book: { ...book, revision: 7n }, updateMask: ["title"] })), "ABORTED");
    const state = catalogV2.Book_State.RETIRED;
    assert.equal((await moved.updateBook({ book: { ...book, state }, updateMask: ["state"] })).book?.state, state);
    assert.equal(await codeOf(moved.getBook({ key: { $case: "bookId", value: isbn } })), "NOT_FOUND");
  });

  test("places, lists and watches orders", async () => {
    await using old = ordersV1.createOrdersClient(hosted.address);
    await using moved = ordersV2.createOrdersClient(connectInProcess(bridgeClient(old, ordersBridge)));
    const voucher = { $case: "voucher", value: { code: "GIFT-20" } } as const;
    const request = { requestId: "m-1", buyerId: "moved", lines: [{ isbn: sampleIsbn(1), quantity: 1 }] };
    const refused = { ...request, paymentMethod: { method: { ...voucher, value: { code: "NONE" } } } };
    assert.equal(await codeOf(moved.placeOrder(refused)), "FAILED_PRECONDITION");
    const paid = { ...request, paymentMethod: { method: voucher } };
    const [first, again] = await Promise.all([moved.placeOrder(paid), moved.placeOrder(paid)]);
    assert.equal(first.order?.status, ordersV2.OrderStatus.PAID);
    assert.deepEqual(again, first);
    assert.equal((await old.listOrders({ customerId: "moved" })).orders.length, 1);
    assert.equal(await codeOf(moved.placeOrder({ ...paid, buyerId: "other" })), "ALREADY_EXISTS");

    const { order, shipments } = await moved.getOrder({ orderId: "order-1" });
    assert.deepEqual(
      [order?.total, order?.lines[0]?.unitPrice?.currencyCode, shipments[0]?.trackingNumber],
      [{ currencyCode: "EUR", units: 13n, nanos: 940_000_000 }, "EUR", "3SORDER-1"],
    );
    const statuses = [ordersV2.OrderStatus.SHIPPED];
    assert.equal((await moved.listOrders({ buyerId: "reader-7", statuses })).orders[0]?.orderId, "order-2");
    const placedWithin = { end: { year: 2026, month: 2 } };
    assert.deepEqual((await moved.listOrders({ buyerId: "reader-7", placedWithin })).orders, []);
    const page = await moved.listOrders({ buyerId: "reader-7", pageSize: 1 });
    const rest = await moved.listOrders({ buyerId: "reader-7", pageSize: 1, pageToken: page.nextPageToken });
    assert.deepEqual([rest.orders[0]?.orderId, rest.nextPageToken], ["order-1", ""]);
    const seen: unknown[] = [];
    for await (const { sequence, update } of moved.watchOrder({ orderId: "order-1" })) seen.push([sequence, update]);
    const value = { status: ordersV2.OrderStatus.DELIVERED, details: [] };
    assert.deepEqual(seen, [[4n, { $case: "statusChange", value }]]);
    for await (const _ of moved.watchOrder({ orderId: "order-1", afterSequence: 4n })) assert.fail("it has been seen");
  });
});
