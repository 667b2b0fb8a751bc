import { gunzipSync } from "node:zlib";

const BLOCK = 512;

/**
 * One file of an npm tarball, whose paths all begin with one folder: `package`, from most programs.
 * @param path below that folder.
 * @returns undefined when there is no such file.
 * @throws Error when the archive ends before the file does, or was not packed by gzip.
 */
export function readTarball(tarball: Uint8Array, path: string): Buffer | undefined {
  const archive = gunzipSync(tarball);
  for (let offset = 0; offset + BLOCK <= archive.length && archive[offset] !== 0; ) {
    const size = Number.parseInt(field(archive, offset + 124, 12), 8);
    if (!(size >= 0)) throw new Error("the tar archive has a damaged header");
    const content = offset + BLOCK;
    if (content + size > archive.length) throw new Error("the tar archive ends in the middle of a file");
    const name = field(archive, offset, 100);
    if (name.slice(name.indexOf("/") + 1) === path) return archive.subarray(content, content + size);
    offset = content + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

function field(archive: Buffer, start: number, length: number): string {
  return archive.toString("latin1", start, start + length).split("\0", 1)[0] ?? "";
}
