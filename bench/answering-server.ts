// A gRPC server that costs next to nothing, so that what is timed is the client: it answers each unary call with the same
// bytes, and each call of a stream with COUNT times the same message. Prints its port, and ends with its parent.
// node answering-server.ts UNARY_BASE64 MESSAGE_BASE64 COUNT
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { frame } from "./frame.ts";

const [unary = "", message = "", count = "0"] = process.argv.slice(2);
const one = frame(Buffer.from(unary, "base64"));
const each = frame(Buffer.from(message, "base64"));
const CHUNK = 64;
const chunk = Buffer.concat(Array.from({ length: CHUNK }, () => each));
const chunks = Math.ceil(Number(count) / CHUNK);

const server = http2.createServer();
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  stream.resume();
  stream.on("end", () => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    if (!headers[":path"]?.endsWith("/StreamRecommendations")) {
      stream.end(one);
      return;
    }
    let left = chunks;
    const write = (): void => {
      while (left > 0) {
        left--;
        if (!stream.write(chunk)) {
          stream.once("drain", write);
          return;
        }
      }
      stream.end();
    };
    write();
  });
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.stdin.on("end", () => process.exit()).resume();
