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

  add(server: Server, service: Foreign): void {
    service.addToServer({
      addService: (definition, implementation) => {
        server.addService(definition, this.#watch(definition, implementation));
      },
    });
  }

  #watch(definition: ServiceDefinition, implementation: UntypedServiceImplementation): UntypedServiceImplementation {
    const watched = Object.entries(implementation).map(([name, handler]) => {
      const streams = definition[name]?.responseStream === true;
      return [name, streams ? this.#watchStream(handler as (call: Stream) => void) : handler];
    });
    return Object.fromEntries(watched);
  }

  #watchStream(handler: (call: Stream) => void): (call: Stream) => void {
    return (call) => {
      this.#streams.add(call);
      call.on("close", () => this.#streams.delete(call)).on("cancelled", () => this.#streams.delete(call));
      handler(call);
    };
  }

  /** Ends their streams, which have no end of their own. */
  endAll({ code, rawMessage }: RpcError): void {
    for (const stream of this.#streams) {
      stream.emit("error", { code, details: rawMessage });
    }
    this.#streams.clear();
  }
}
