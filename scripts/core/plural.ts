/** Words that are one and many at once. */
const UNCHANGED = /(?:^|_)(?:news|series|species|data|media|analytics|logistics|statistics|[a-z]+ware)$/;

/** The thing that a service is about: `orders` → `order`, `gift_cards` → `gift_card`, `shipping` as it is. */
export function singular(name: string): string {
  if (UNCHANGED.test(name) || /(?:ss|us|is)$/.test(name)) return name;
  if (/(?:^|_)movies$/.test(name)) return name.slice(0, -1);
  if (/[a-z]{2}ies$/.test(name)) return `${name.slice(0, -3)}y`;
  if (/(?:ss|sh|(?<!ca)ch|x|(?:stat|bon|b)us)es$/.test(name)) return name.slice(0, -2);
  return /[a-z]s$/.test(name) ? name.slice(0, -1) : name;
}

/** Several of it: `order` → `orders`, `category` → `categories`, `news` as it is. */
export function plural(name: string): string {
  if (UNCHANGED.test(name)) return name;
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  if (/(?:s|sh|ch|x|z)$/.test(name)) return `${name}es`;
  return `${name}s`;
}
