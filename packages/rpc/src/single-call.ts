import { ActiveCall } from "./active-call.ts";
import type { CallSettings } from "./call-options.ts";
import { Code } from "./code.ts";
import type { Connection } from "./connection.ts";
import type { Method } from "./method.ts";
import { RequestPump, type Requests } from "./request-pump.ts";

const nothing = (): void => {};

/** A call with one response: unary and client-streaming. */
export class SingleCall extends ActiveCall {
  readonly #resolve: (message: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #received = false;
  #response: unknown;
  #pump: RequestPump | undefined;

  constructor(
    connection: Connection,
    method: Method,
    settings: CallSettings,
    resolve: (message: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    super(connection, method, settings);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  sendOne(bytes: Uint8Array): void {
    const wire = this.begin();
    if (wire !== undefined) {
      wire.read();
      wire.send(bytes, nothing);
      wire.halfClose();
    }
  }

  sendAll(requests: Requests): void {
    const wire = this.begin();
    if (wire !== undefined) {
      wire.read();
      this.#pump = new RequestPump(this.method, wire, requests);
      this.#pump.run((thrown) => this.cancel({ thrown }, Code.CANCELLED, "the stream of requests threw"));
    }
  }

  protected message(message: unknown): void {
    if (this.#received) {
      this.cancel({ cause: undefined }, Code.UNIMPLEMENTED, "the server sent more than one response");
      return;
    }
    this.#received = true;
    this.#response = message;
    // A second response is a broken server; without this read the call would wait for it until its deadline.
    this.wire?.read();
  }

  protected succeed(): void {
    this.#pump?.stop();
    if (this.#received) {
      this.#resolve(this.#response);
    } else {
      this.#reject(this.error(Code.UNIMPLEMENTED, "the server sent no response"));
    }
  }

  protected fail(error: unknown): void {
    this.#pump?.stop();
    this.#reject(error);
  }
}
