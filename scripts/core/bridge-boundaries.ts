/** Values at which converters go wrong. */

const words = (text: string): readonly string[] => text.split("|");
const numbers = (text: string): readonly number[] => text.split(" ").map(Number);

export const NANOS = numbers("0 0 1 999999 1000000 999000000 999999999");
export const INTS = numbers(
  "0 1 -1 2 59 60 100 127 128 32768 2147483647 2147483648 -2147483648 -2147483647 4294967295",
);
const POWERS = [0n, 1n, 2n, 7n, 31n, 32n, 53n, 63n].map((bits) => 2n ** bits);
export const LONGS = POWERS.flatMap((power) => [power, power - 1n, -power, power + 1n]);
const REALS = numbers("0 -0 1 -1 0.1 0.3333333333333333 0.5 99.99 2147483648 9007199254740992 NaN Infinity -Infinity");
export const FLOATS = [...REALS, ...numbers("3.4028234663852886e38 -3.4028234663852886e38 1e-45 7e-43 16777216")];
export const DOUBLES = [
  ...REALS,
  ...numbers("1.7976931348623157e308 -1.7976931348623157e308 5e-324 2.5e-310 1e21 16777217"),
];
export const BYTES = [[], [0], [255, 254, 128], [10, 0], Array.from({ length: 100 }, (_, at) => at)];
export const TEXTS = [
  ...words("|a|A| |  padded |\t|a\nb|a\r\nb|\0|\"|'|\\|`|<&>|null|true|0|-1|007|1.50|1e3|NaN|9007199254740993"),
  ...words("é|e\u0301|ß|İ|ﬀ|😀|👩‍👩‍👧|\u{10ffff}|\ufeff|\u2028|\ud7ff|constructor|__proto__|USD|eur|MiXed Case|a,b;c"),
  ...words("1970-01-01T00:00:00Z|1969-12-31T23:59:59.999999999Z|0001-01-01T00:00:00Z|9999-12-31T23:59:59.999Z"),
  ...words("2024-02-29|1999-12-31|2026-02-30|2016-12-31T23:59:60Z|2026-01-02T03:04:05.100Z|2026-01-02t03:04:05z|1.5s"),
  "long ".repeat(80),
];
