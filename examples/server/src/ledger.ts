import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Order, OrderStatus, Shipment, WatchOrderResponse } from "@bookstore/orders-v2";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS placed (
  position INTEGER PRIMARY KEY,
  id TEXT UNIQUE NOT NULL,
  request TEXT UNIQUE NOT NULL,
  digest TEXT NOT NULL,
  buyer TEXT NOT NULL,
  message BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS placed_by_buyer ON placed (buyer, position);
CREATE TABLE IF NOT EXISTS parcel (
  placed TEXT NOT NULL,
  id TEXT NOT NULL,
  message BLOB NOT NULL,
  PRIMARY KEY (placed, id)
) STRICT;
CREATE TABLE IF NOT EXISTS change (
  placed TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  message BLOB NOT NULL,
  PRIMARY KEY (placed, sequence)
) STRICT;`;

/** An order, and where it stands among all. */
export interface Entry {
  readonly position: number;
  readonly order: Order;
}

type Update = NonNullable<WatchOrderResponse["update"]>;

/** All orders with their parcels and changes, in SQLite. */
export class Ledger implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements: Readonly<Record<keyof typeof SQL, StatementSync>>;
  readonly #listeners = new Set<() => void>();

  /** @param path of the file; `:memory:` for as long as the process lives. */
  constructor(path = ":memory:") {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;");
    database.exec(SCHEMA);
    this.#database = database;
    const prepared = Object.entries(SQL).map(([name, text]) => [name, database.prepare(text)]);
    this.#statements = Object.fromEntries(prepared);
  }

  find(orderId: string): Order | undefined {
    return messageOf(this.#statements.byId.get(orderId), Order);
  }

  /** The order of a request, and what was asked for in it. */
  findByRequest(requestId: string): { readonly order: Order; readonly digest: string } | undefined {
    const row = this.#statements.byRequest.get(requestId);
    const order = messageOf(row, Order);
    return order && { order, digest: String(row?.["digest"]) };
  }

  /** Newest first, from a position downwards. */
  of(buyerId: string, before: number): readonly Entry[] {
    return this.#statements.byBuyer.all(buyerId, before).flatMap((row) => {
      const order = messageOf(row, Order);
      return order === undefined ? [] : [{ position: Number(row["position"]), order }];
    });
  }

  place(order: Order, requestId: string, digest: string): void {
    this.#statements.place.run(order.orderId, requestId, digest, order.buyerId, Order.encode(order).finish());
    const details = { status: order.status, details: [] };
    this.#report(order.orderId, { $case: "statusChange", value: details }, order.placeTime ?? new Date());
  }

  /** @returns the order as stored. */
  setStatus(order: Order, status: OrderStatus): Order {
    const changed = { ...order, status };
    this.#statements.update.run(Order.encode(changed).finish(), order.orderId);
    this.#report(order.orderId, { $case: "statusChange", value: { status, details: [] } }, new Date());
    return changed;
  }

  /** Packs or sends a parcel. */
  putParcel(order: Order, shipment: Shipment): void {
    this.#statements.putParcel.run(order.orderId, shipment.shipmentId, Shipment.encode(shipment).finish());
    this.#report(order.orderId, { $case: "shipment", value: shipment }, new Date());
    if (shipment.shipTime !== undefined) this.setStatus(order, OrderStatus.SHIPPED);
  }

  parcels(orderId: string): readonly Shipment[] {
    return this.#statements.parcels.all(orderId).flatMap((row) => messageOf(row, Shipment) ?? []);
  }

  changes(orderId: string, after: bigint): readonly WatchOrderResponse[] {
    return this.#statements.changes.all(orderId, after).flatMap((row) => messageOf(row, WatchOrderResponse) ?? []);
  }

  #report(orderId: string, update: Update, eventTime: Date): void {
    const sequence = BigInt(Number(this.#statements.lastChange.get(orderId)?.["last"] ?? 0)) + 1n;
    const change = WatchOrderResponse.encode({ sequence, eventTime, update }).finish();
    this.#statements.report.run(orderId, sequence, change);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls back after each change of any order, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

const SQL = {
  byId: "SELECT message FROM placed WHERE id = ?",
  byRequest: "SELECT message, digest FROM placed WHERE request = ?",
  byBuyer: "SELECT message, position FROM placed WHERE buyer = ? AND position < ? ORDER BY position DESC",
  place: "INSERT INTO placed (id, request, digest, buyer, message) VALUES (?, ?, ?, ?, ?)",
  update: "UPDATE placed SET message = ? WHERE id = ?",
  putParcel: "INSERT OR REPLACE INTO parcel (placed, id, message) VALUES (?, ?, ?)",
  parcels: "SELECT message FROM parcel WHERE placed = ? ORDER BY rowid",
  changes: "SELECT message FROM change WHERE placed = ? AND sequence > ? ORDER BY sequence",
  lastChange: "SELECT max(sequence) AS last FROM change WHERE placed = ?",
  report: "INSERT INTO change (placed, sequence, message) VALUES (?, ?, ?)",
} as const;

function messageOf<T>(
  row: Readonly<Record<string, unknown>> | undefined,
  type: { readonly decode: (bytes: Uint8Array) => T },
): T | undefined {
  const bytes = row?.["message"];
  return bytes instanceof Uint8Array ? type.decode(bytes) : undefined;
}
