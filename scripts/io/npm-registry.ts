import { createHash } from "node:crypto";
import { request } from "node:http";
import type { Socket } from "node:net";
import { isLoopbackAddress } from "../core/loopback.ts";
import {
  assemblePublishDocument,
  findPublishedIntegrity,
  isRecord,
  type Manifest,
  type TarballDigests,
} from "../core/release.ts";

/** What a registry answered. */
interface Answer {
  readonly status: number;
  readonly body: string;
}

/** sha512 and sha1 of a tarball, in the spelling of npm. */
export function digestTarball(tarball: Uint8Array): TarballDigests {
  return {
    integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
    shasum: createHash("sha1").update(tarball).digest("hex"),
  };
}

/** The integrity of a version that the registry has; undefined when it has no such version. */
export async function readPublishedIntegrity(
  registry: string,
  name: string,
  version: string,
): Promise<string | undefined> {
  const answer = await exchange("GET", packageUrl(registry, name));
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`GET ${name}: ${answer.status} ${answer.body.slice(0, 500)}`);
  return findPublishedIntegrity(JSON.parse(answer.body), version);
}

/** Sends one packed release. Returns what is wrong with it in the registry's words; undefined when it was taken. */
export async function sendRelease(
  registry: string,
  manifest: Manifest,
  tarball: Buffer,
  digests: TarballDigests,
): Promise<string | undefined> {
  const encoded = { base64: tarball.toString("base64"), length: tarball.length };
  const document = assemblePublishDocument(manifest, digests, encoded, registry);
  const answer = await exchange("PUT", packageUrl(registry, String(manifest["name"])), JSON.stringify(document));
  return answer.status === 200 || answer.status === 201
    ? undefined
    : `${answer.status} ${answer.body.trim().slice(0, 500)}`;
}

/** All that the registry knows of a package, as it must be sent back to be changed; undefined when it has none. */
export async function readPackument(registry: string, name: string): Promise<Manifest | undefined> {
  const url = packageUrl(registry, name);
  url.searchParams.set("write", "true");
  const answer = await exchange("GET", url);
  if (answer.status === 404) return undefined;
  const packument: unknown = answer.status === 200 ? JSON.parse(answer.body) : undefined;
  if (!isRecord(packument)) throw new Error(`GET ${name}: ${answer.status} ${answer.body.slice(0, 500)}`);
  return packument;
}

/** Sends a changed packument. Returns what is wrong with it in the registry's words; undefined when it was taken. */
export async function sendPackument(registry: string, name: string, packument: Manifest): Promise<string | undefined> {
  const answer = await exchange("PUT", packageUrl(registry, name), JSON.stringify(packument));
  return answer.status === 200 || answer.status === 201
    ? undefined
    : `${answer.status} ${answer.body.trim().slice(0, 500)}`;
}

function packageUrl(registry: string, name: string): URL {
  return new URL(name.replace("/", "%2f"), registry);
}

/**
 * One request to this machine. node:http and not fetch: it follows no redirect; with `agent: false` it uses no proxy
 * of the environment; and it shows the socket, so that nothing is sent before the other end is known to be loopback,
 * whatever a name resolved to.
 */
function exchange(method: string, url: URL, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const call = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    call.on("error", reject);
    call.on("socket", (socket: Socket) => {
      socket.once("connect", () => {
        if (isLoopbackAddress(socket.remoteAddress)) call.end(body);
        else call.destroy(new Error(`${url.host} leads to ${socket.remoteAddress}, which is not this machine`));
      });
    });
  });
}
