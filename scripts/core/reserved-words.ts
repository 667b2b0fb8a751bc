/**
 * Words that protobuf, or a language that code is generated for, takes for something else than a name. A service's name
 * becomes a part of a package and a folder in each of them.
 */
const WORDS: readonly (readonly [language: string, words: string])[] = [
  [
    "protobuf",
    "bool bytes double edition enum export extend extensions false fixed32 fixed64 float group import inf int32 int64 " +
      "local map max message nan oneof option optional package public repeated required reserved returns rpc service " +
      "sfixed32 sfixed64 sint32 sint64 stream string syntax to true uint32 uint64 weak",
  ],
  [
    "Java",
    "abstract assert boolean break byte case catch char class const continue default do else extends final finally for " +
      "goto if implements instanceof int interface long native new null private protected return short static strictfp " +
      "super switch synchronized this throw throws transient try void volatile while",
  ],
  ["Python", "and as async await def del elif except from global in is lambda nonlocal not or pass raise with yield"],
  ["Go", "chan defer fallthrough func go range select struct type var"],
  ["TypeScript", "debugger delete function let typeof"],
  [
    "C++",
    "auto delete explicit extern friend inline mutable namespace operator register signed sizeof template typedef",
  ],
  ["C++", "typename union unsigned using virtual"],
  [
    "C#",
    "base checked decimal delegate event fixed foreach implicit internal lock object out override params readonly",
  ],
  ["C#", "ref sbyte sealed stackalloc unchecked unsafe"],
  // Such a folder could not be checked out there.
  [
    "Windows",
    "aux con nul prn com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9",
  ],
];

const LANGUAGES: ReadonlyMap<string, string> = new Map(
  WORDS.toReversed().flatMap(([language, words]) => words.split(" ").map((word) => [word, language] as const)),
);

/** @returns the language that has a word for itself; undefined for a word that is free. */
export function reservedIn(word: string): string | undefined {
  return LANGUAGES.get(word);
}
