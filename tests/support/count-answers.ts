// node count-answers.ts TARGET: calls it until two servers have answered, then 20 times, and prints how often each did.
// A program of its own, because grpc-js asks another DNS server only if the environment says so when it is loaded.
import { createClient } from "../../packages/rpc/dist/index.js";
import { NoteServiceDefinition } from "../rpc-fixture.ts";

const client = createClient(NoteServiceDefinition, process.argv[2] ?? "", { tls: false });
const counts = new Map<string, number>();
const call = async (): Promise<void> => {
  const { id } = await client.get({});
  counts.set(id, (counts.get(id) ?? 0) + 1);
};
while (counts.size < 2) await call();
counts.clear();
for (let each = 0; each < 20; each++) await call();
console.log(JSON.stringify(Object.fromEntries([...counts].sort())));
client.close();
