// node serving-process.ts '{"grace":3000}': a server of notes, stopped by signals. What it does is decided by the id of
// a request; what happens is printed, a line each. A process of its own, because its end is what is tested.
import { setTimeout as sleep } from "node:timers/promises";
import { type HandlerContext, type Implementation, implement } from "../../packages/rpc/dist/server.js";
import { serve, type TlsFiles } from "../../packages/rpc-server/dist/index.js";
import { type NoteDefinition, NoteServiceDefinition } from "../rpc-fixture.ts";

/** What the process takes as its argument, in JSON. */
export interface Serving {
  readonly grace: number;
  readonly tls?: TlsFiles;
  /** Tells itself to stop right after it was told to serve. */
  readonly early?: boolean;
  /** Tells itself to stop when it has let in so many calls. */
  readonly stopAt?: number;
}

const { grace, tls, early = false, stopAt } = JSON.parse(process.argv[2] ?? "{}") as Serving;
let count = 0;

const log = (...words: readonly unknown[]): void => console.log(words.join(" "));

/** Resolves when the client has left, or the server cut the call off. */
function cutOff({ signal }: HandlerContext): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => resolve();
    if (signal.aborted) done();
    signal.addEventListener("abort", done);
  });
}

/** The rest of a stream: its server's end, when it heeds it; else none. */
async function rest(id: string, context: HandlerContext): Promise<void> {
  const told = new Promise<void>((resolve) => {
    context.closing.addEventListener("abort", () => {
      log("told", id);
      if (id.startsWith("heeds")) resolve();
    });
  });
  await Promise.race([told, cutOff(context)]);
}

/** `wait:500:…` takes half a second, `forever…` never ends, all others are answered at once. */
async function work(id: string, context: HandlerContext): Promise<void> {
  log("accepted", id);
  if (++count === stopAt) process.kill(process.pid, "SIGTERM");
  if (id.startsWith("wait:")) await sleep(Number(id.split(":")[1]));
  if (id.startsWith("forever")) await cutOff(context);
}

const notes: Implementation<NoteDefinition> = {
  async get({ id }, context) {
    await work(id, context);
    log("answered", id);
    return { id };
  },
  async *watch({ id }, context) {
    await work(id, context);
    yield { id: "first" };
    await rest(id, context);
    yield { id: "last" };
    log("answered", id);
  },
  async record(requests, context) {
    let last = "";
    for await (const { id } of requests) {
      await work(id, context);
      last = id;
    }
    log("answered", last);
    return { id: last };
  },
  async *chat(requests, context) {
    for await (const { id } of requests) {
      await work(id, context);
      yield { id };
    }
  },
};

// The promise is about the time from the signal to the end, both as this process has them.
process.on("SIGTERM", () => log("signal", Date.now()));
process.on("exit", () => log("exit", Date.now()));
const starting = serve({
  services: [implement(NoteServiceDefinition, notes)],
  address: "127.0.0.1:0",
  tls,
  reflection: false,
  shutdown: { grace, signals: ["SIGTERM"], cleanUp: () => log("cleaned up") },
});
if (early) process.kill(process.pid, "SIGTERM");
const server = await starting;
log("address", server.address);
