import type { LifecycleFile } from "./lifecycle-file.ts";
import { around } from "./lifecycle-names.ts";

/** What a generated package says of the end of something in it: as `Dates` of the runtime. */
export interface Dates {
  readonly since: string;
  readonly sunset?: string;
  readonly successor?: string;
}

/** By the full name of what lifecycle.yaml speaks of. */
export type DatesByName = ReadonlyMap<string, Dates>;

export const NO_DATES: DatesByName = new Map();

export function datesByName({ entries }: LifecycleFile): DatesByName {
  return new Map(
    entries.map(({ name, deprecated, sunset, successor }) => [
      name,
      {
        since: deprecated,
        ...(sunset === undefined ? {} : { sunset }),
        ...(successor === undefined ? {} : { successor }),
      },
    ]),
  );
}

/** Of an element, or of the nearest thing around it that has any. */
export function findDates(name: string, dates: DatesByName): Dates | undefined {
  if (dates.size === 0) return undefined;
  return around(name).flatMap((each) => dates.get(each) ?? [])[0];
}
