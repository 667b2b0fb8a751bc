// node shutdown-client.ts <address> <id>: a client with a call in flight, or that has had one, for a test to freeze.
import { createClient } from "../../packages/rpc/dist/index.js";
import { NoteServiceDefinition } from "../rpc-fixture.ts";

const [address = "", id = ""] = process.argv.slice(2);
const client = createClient(NoteServiceDefinition, address, { retry: false, deadline: Number.POSITIVE_INFINITY });
await client.get({ id: "connect" });
console.log("connected");
// Keeps the process while it has no call.
setInterval(() => {}, 1000);
if (id !== "") await client.get({ id });
