import type { Message } from "./finding.ts";

/** New services and new versions. */
export const SCAFFOLD_MESSAGES: Readonly<Record<string, Message>> = {
  "scaffold-unfinished": {
    what: "A command was killed while it wrote this folder, and its schemas would be read.",
    fix: "Remove it, or call the command again, without --dry-run: it removes what it left, and begins anew.",
  },
  "service-missing": {
    what: "No service is named.",
    fix: "Name one: `charter new-service shipping`.",
  },
  "service-name": {
    what: "{name} cannot name a service: {reason}.",
    fix: "Take lower-case letters, digits and single underscores, a letter first, such as {instead}.",
  },
  "service-word": {
    what: "{name} cannot name a service: {word} is a reserved word of {language}.",
    fix: "Take another word, such as {instead}.",
  },
  "service-ending": {
    what: "{name} would be called a service twice, as the ending is added to it.",
    fix: "Leave it out: {instead}.",
  },
  "service-versioned": {
    what: "{name} names a version.",
    fix: "Give it by itself: `charter new-service {api} --version {version}`.",
  },
  "service-version": {
    what: "{version} is no version.",
    fix: "Give one such as v1 or v1beta1.",
  },
  "service-root": {
    what: "No schema has a package that begins with {root}.",
    fix: "Take one of the tree's own, such as {instead}; a name without a dot is put below it.",
  },
  "service-root-missing": {
    what: "What the packages begin with is not known, as there are neither schemas nor a scope.",
    fix: "Write it before the name, `acme.{name}`, or call with --scope @acme.",
  },
  "service-shadows": {
    what: "Inside of {package}, each name that begins with {word} would be looked up in {scope}: {word} could not be used.",
    fix: "Take another name than {word}.",
  },
  "service-exists": {
    what: "{api} is there already, as {existing}.",
    fix: "Take another name. `charter new-version` writes the next version of what is there.",
  },
  "service-symbol": {
    what: "{symbol} is a {kind}, and the package {package} would have the same name.",
    fix: "Take another name.",
  },
  "service-taken": {
    what: "It is in the way of {package}; nothing was written.",
    fix: "Take another name, or move it away.",
  },
};
