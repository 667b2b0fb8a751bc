import { DEPENDENTS } from "./dependents.ts";
import { DETAILS } from "./details.ts";
import { ENUM_VALUES } from "./enum-values.ts";
import { ENUMS } from "./enums.ts";
import { FIELDS } from "./fields.ts";
import { FILES } from "./files.ts";
import type { Fixture } from "./fixture.ts";
import { LANGUAGES } from "./languages.ts";
import { MESSAGES } from "./messages.ts";
import { ONEOFS } from "./oneofs.ts";
import { PASTS } from "./pasts.ts";
import { PRESENCE } from "./presence.ts";
import { SERVICES } from "./services.ts";
import { TYPES } from "./types.ts";

/** Every pair of schemas with the rules that the diff must find. */
export const FIXTURES: readonly Fixture[] = [
  ...FIELDS,
  ...PRESENCE,
  ...DETAILS,
  ...TYPES,
  ...ONEOFS,
  ...ENUMS,
  ...ENUM_VALUES,
  ...MESSAGES,
  ...SERVICES,
  ...FILES,
  ...LANGUAGES,
  ...DEPENDENTS,
];

/** With those that are about more than two releases: each rule has its fixtures among all. */
export const ALL: readonly Fixture[] = [...FIXTURES, ...PASTS];
