import type { RpcError } from "@bookstore/rpc";
import type {
  Server,
  ServerDuplexStream,
  ServerWritableStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";

type Stream = ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>;

/** A service of a library that adds itself to a server, `addToServer(server)`. */
export interface Foreign {
  addToServer(server: Pick<Server, "addService">): void;
}

/** The services that come from libraries. Their streams have no end of their own, and would hold up the server's. */
export class ForeignServices {
  readonly #streams = new Set<Stream>();
  #ended: RpcError | undefined;

  add(server: Server, service: Foreign): void {
    service.addToServer({
      addService: (definition, implementation) => {
        server.addService(definition, this.#watch(definition, implementation));
      },
    });
  }

  #watch(definition: ServiceDefinition, implementation: UntypedServiceImplementation): UntypedServiceImplementation {
    const watched = Object.entries(implementation).map(([name, handler]) => {
      // The keys of the two differ in their case.
      const streams = Object.entries(definition).some(
        ([key, method]) => method.responseStream && (key === name || method.originalName === name),
      );
      return [name, streams ? this.#watchStream(handler as (call: Stream) => void) : handler];
    });
    return Object.fromEntries(watched);
  }

  #watchStream(handler: (call: Stream) => void): (call: Stream) => void {
    return (call) => {
      this.#streams.add(call);
      call.on("close", () => this.#streams.delete(call)).on("cancelled", () => this.#streams.delete(call));
      handler(call);
      // It was on its way when the others were ended.
      if (this.#ended !== undefined) {
        this.endAll(this.#ended);
      }
    };
  }

  /** Ends their streams, which have no end of their own, and those that come yet. */
  endAll(reason: RpcError): void {
    this.#ended = reason;
    const { code, rawMessage } = reason;
    for (const stream of this.#streams) {
      stream.emit("error", { code, details: rawMessage });
    }
    this.#streams.clear();
  }
}
