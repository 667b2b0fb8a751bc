/** Node's longest timer, in milliseconds: a longer one fires at once. */
export const LONGEST_MS: number = 2 ** 31 - 1;
