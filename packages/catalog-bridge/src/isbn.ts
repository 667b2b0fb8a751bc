/** The ISBN-10 of a book from before 2007, and of no other. */
export function isbn10Of(isbn: string, year: number): string {
  if (year === 0 || year >= 2007 || !/^978\d{10}$/.test(isbn)) return "";
  const digits = isbn.slice(3, 12);
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
  const check = (11 - (sum % 11)) % 11;
  return digits + (check === 10 ? "X" : String(check));
}
