import { host } from "./host.ts";

const hosted = await host();
console.log(`bookstore.recommendations v1 and v2 at ${hosted.address}`);
process.send?.({ address: hosted.address });

// Not process.exit() before the calls in flight are done; but whatever a client holds open then is no reason to stay.
const leave = (): void => void hosted.stop().then(() => process.exit(0));
process.once("SIGTERM", leave);
process.once("SIGINT", leave);
// A parent that forked us and is gone, however it went, can no longer send a signal.
process.once("disconnect", leave);
