const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** The English name of a country, or its code where it has none. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code;
}

let codes: ReadonlyMap<string, string> | undefined;

/** ISO 3166-1 alpha-2 of a country by its code or its English name; undefined for other words. */
export function countryCode(text: string): string | undefined {
  const word = text.trim();
  if (/^[A-Z]{2}$/.test(word)) return word;
  codes ??= new Map(
    LETTERS.flatMap((first) => LETTERS.map((second) => first + second)).flatMap((code) => {
      const name = names.of(code);
      // A code that is another's old name, as UK is of GB, is none of the standard.
      const isCurrent = new Intl.Locale(`und-${code}`).region === code;
      return name === undefined || !isCurrent ? [] : [[name.toLowerCase(), code] as const];
    }),
  );
  return codes.get(word.toLowerCase());
}
