/** The check digit of an ISBN-13, from its first twelve. */
export function checkDigit(digits: string): number {
  const sum = [...digits.slice(0, 12)].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return (10 - (sum % 10)) % 10;
}

/** Thirteen digits, the last of which fits the others. */
export function isIsbn(text: string): boolean {
  return /^\d{13}$/.test(text) && checkDigit(text) === Number(text[12]);
}
