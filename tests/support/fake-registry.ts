import { createHash } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A server on loopback that answers as a registry should not. */
export interface FakeRegistry extends AsyncDisposable {
  readonly url: string;
}

export async function startServer(listener: RequestListener): Promise<FakeRegistry> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, [Symbol.asyncDispose]: close };
}

export interface FakeRelease {
  readonly tarball: Uint8Array;
  /** Default: that of the tarball. */
  readonly integrity?: string;
  /** The registry lists it and does not have it. */
  readonly lost?: boolean;
}

/** A registry that has one version, 1.0.0, of each of these packages. */
export function startFakeRegistry(releases: Readonly<Record<string, FakeRelease>>): Promise<FakeRegistry> {
  return startServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const name = path.replace(/\/-\/.*$/, "");
    const release = releases[name];
    if (release === undefined || (release.lost === true && path !== name))
      response.writeHead(404, { "content-type": "application/json" }).end("{}");
    else if (path !== name) response.end(release.tarball);
    else response.setHeader("content-type", "application/json").end(packument(name, release, request.headers.host));
  });
}

function packument(name: string, { tarball, integrity }: FakeRelease, host: string | undefined): string {
  const digest = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const dist = { tarball: `http://${host}/${name}/-/release.tgz`, integrity: integrity ?? digest };
  const version = { name, version: "1.0.0", dist };
  return JSON.stringify({ name, "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } });
}

/** An npm tarball of these files. */
export function packTarball(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const blocks = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content);
    return [header(`package/${path}`, bytes.length), bytes, Buffer.alloc(-bytes.length & 511)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(path);
  block.write("0000644\0", 100);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  block.write("        0ustar\0", 148);
  block.write("00", 263);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
