import { PAST_FIELDS } from "./past-fields.ts";
import type { PastFixture } from "./past-fixture.ts";
import { PAST_TYPES } from "./past-types.ts";

/** What comes back, told apart by what was released before the baseline. */
export const PASTS: readonly PastFixture[] = [...PAST_FIELDS, ...PAST_TYPES];
