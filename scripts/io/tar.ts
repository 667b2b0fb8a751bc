import { gunzipSync } from "node:zlib";

const BLOCK = 512;

/**
 * One file of an npm tarball, whose paths all begin with one folder: `package`, from most programs.
 * @param path below that folder.
 * @returns undefined when there is no such file.
 * @throws Error when the archive ends before the file does, or was not packed by gzip.
 */
export function readTarball(tarball: Uint8Array, path: string): Buffer | undefined {
  for (const [name, content] of entries(tarball)) if (name === path) return content;
  return undefined;
}

/** All files of an npm tarball, by their paths below its folder. @throws Error when the archive is cut off. */
export function unpackTarball(tarball: Uint8Array): ReadonlyMap<string, Buffer> {
  return new Map(entries(tarball));
}

function* entries(tarball: Uint8Array): Generator<readonly [path: string, content: Buffer]> {
  const archive = gunzipSync(tarball);
  let longName: string | undefined;
  for (let offset = 0; offset + BLOCK <= archive.length && archive[offset] !== 0; ) {
    const size = Number.parseInt(field(archive, offset + 124, 12), 8);
    if (!(size >= 0)) throw new Error("the tar archive has a damaged header");
    const start = offset + BLOCK;
    if (start + size > archive.length) throw new Error("the tar archive ends in the middle of a file");
    const content = archive.subarray(start, start + size);
    // A header of type x is about the next file, and holds the name that does not fit into that one's.
    if (field(archive, offset + 156, 1) === "x") longName = /\d+ path=(.*)\n/.exec(content.toString("utf8"))?.[1];
    else {
      const prefix = field(archive, offset + 345, 155);
      const name = longName ?? (prefix === "" ? "" : `${prefix}/`) + field(archive, offset, 100);
      longName = undefined;
      yield [name.slice(name.indexOf("/") + 1), content];
    }
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function field(archive: Buffer, start: number, length: number): string {
  return archive.toString("latin1", start, start + length).split("\0", 1)[0] ?? "";
}
