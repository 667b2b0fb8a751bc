import {
  FAMILIES,
  type FieldModel,
  KEYS,
  type MessageModel,
  type Model,
  pick,
  randomField,
  SCALARS,
  typesOf,
} from "./random-model.ts";

export type Edit = (model: Model, random: () => number) => string | undefined;

type Predicate = (field: FieldModel, model: Model) => boolean;

/** It returns false where it cannot be done. */
type Change = (field: FieldModel, message: MessageModel, model: Model, random: () => number) => boolean | undefined;

/** An edit of a field of some message, if there is one that it can be done to. */
function ofField(name: string, change: Change, isMeant: Predicate = () => true): Edit {
  return (model, random) => {
    const places = model.messages.flatMap((message) => message.fields.map((field) => ({ message, field })));
    const place = pick(
      places.filter(({ field }) => isMeant(field, model)),
      random,
    );
    if (place === undefined) return undefined;
    const path = `${place.message.name}.${place.field.name}`;
    return change(place.field, place.message, model, random) === false ? undefined : `${name} ${path}`;
  };
}

/** An edit of a yes or no. */
function toggle(
  property: "deprecated" | "delimited" | "lax" | "optional" | "packed" | "required",
  isMeant: Predicate,
): Edit {
  const change: Change = (field) => {
    field[property] = !field[property];
    return undefined;
  };
  return ofField(`toggle ${property} of`, change, isMeant);
}

function isNumber({ type }: FieldModel): boolean {
  return ["int32", "int64", "uint32"].includes(type);
}

function isSingular({ key, repeated, oneof }: FieldModel): boolean {
  return key === undefined && !repeated && oneof === undefined;
}

function ofMessage(
  name: string,
  change: (message: MessageModel, model: Model, random: () => number) => boolean | undefined,
): Edit {
  return (model, random) => {
    const message = pick(model.messages, random);
    if (message === undefined) return undefined;
    return change(message, model, random) === false ? undefined : `${name} ${message.name}`;
  };
}

export function remove<T>(items: T[], item: T): void {
  items.splice(items.indexOf(item), 1);
}

function jsonNameOf({ name, jsonName }: FieldModel): string {
  return jsonName ?? name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function oneofsOf(message: MessageModel): readonly string[] {
  return [...new Set(message.fields.flatMap(({ oneof }) => oneof ?? []))];
}

/** The numbers that are in use, or must not be. */
function takenIn(message: MessageModel): readonly number[] {
  return [...message.fields, ...message.reserved].map(({ number }) => number);
}

export const FIELD_EDITS: readonly Edit[] = [
  ofMessage("add a field to", (message, model, random) => {
    message.fields.push(randomField(model, message, random));
    return undefined;
  }),
  ofMessage("add a field on a free number of", (message, model, random) => {
    const taken = takenIn(message);
    let number = 1;
    while (taken.includes(number)) number++;
    message.fields.unshift({ ...randomField(model, message, random), number });
    return undefined;
  }),
  ofMessage("bring back a field of", (message, model, random) => {
    const reserved = pick(message.reserved, random);
    if (reserved === undefined) return false;
    remove(message.reserved, reserved);
    message.fields.push({ ...randomField(model, message, random), ...reserved });
    return undefined;
  }),
  ofMessage("free a number of", (message, _, random) => {
    const reserved = pick(message.reserved, random);
    if (reserved === undefined) return false;
    remove(message.reserved, reserved);
    return undefined;
  }),
  ofField("remove", (field, message) => {
    remove(message.fields, field);
    return undefined;
  }),
  ofField("remove and reserve", (field, message) => {
    remove(message.fields, field);
    message.reserved.push({ number: field.number, name: field.name });
    return undefined;
  }),
  ofField("rename", (field, _, model) => {
    field.name = `field_${model.next++}`;
    return undefined;
  }),
  ofField("rename, but for JSON,", (field, _, model) => {
    field.jsonName = jsonNameOf(field);
    field.name = `field_${model.next++}`;
    return undefined;
  }),
  ofField("name in JSON", (field, _, model) => {
    field.jsonName = `json${model.next++}`;
    return undefined;
  }),
  ofField("swap the name in JSON of", (field, message, _, random) => {
    const other = pick(message.fields, random);
    if (other === undefined || other === field) return false;
    [field.jsonName, other.jsonName] = [jsonNameOf(other), jsonNameOf(field)];
    return undefined;
  }),
  ofField("renumber", (field, message) => {
    field.number = Math.max(...takenIn(message)) + 1;
    return undefined;
  }),
  ofField("swap the number of", (field, message, _, random) => {
    const other = pick(message.fields, random);
    if (other === undefined || other === field) return false;
    [field.number, other.number] = [other.number, field.number];
    return undefined;
  }),
  ofField("take the number of another for", (field, message, _, random) => {
    const other = pick(message.fields, random);
    if (other === undefined || other === field) return false;
    field.number = other.number;
    remove(message.fields, other);
    return undefined;
  }),
  ofField("retype", (field, _, __, random) => {
    field.type = pick(SCALARS, random) ?? field.type;
    return undefined;
  }),
  ofField("retype, but not much,", (field, _, __, random) => {
    const family = pick(
      FAMILIES.filter((each) => each.includes(field.type)),
      random,
    );
    if (family === undefined) return false;
    field.type = pick(family, random) ?? field.type;
    return undefined;
  }),
  ofField(
    "make an enum of, or a number of,",
    (field, _, model, random) => {
      field.type = isNumber(field) ? (pick(model.enums, random)?.name ?? field.type) : "int32";
      return undefined;
    },
    (field, { enums }) => isNumber(field) || enums.some(({ name }) => name === field.type),
  ),
  ofField("retype to anything", (field, _, model, random) => {
    field.type = pick(typesOf(model).slice(SCALARS.length), random) ?? field.type;
    return undefined;
  }),
  ofField("make a map of, or no map,", (field, _, __, random) => {
    field.key = field.key === undefined ? pick(KEYS, random) : undefined;
    return undefined;
  }),
  ofField(
    "give other keys to",
    (field, _, __, random) => {
      field.key = pick(KEYS, random);
      return undefined;
    },
    ({ key }) => key !== undefined,
  ),
  ofField("toggle repeated of", (field) => {
    if (field.key !== undefined) return false;
    field.repeated = !field.repeated;
    return undefined;
  }),
  ofField(
    "move into a oneof",
    (field, message, model, random) => {
      field.oneof = pick([...oneofsOf(message), `oneof_${model.next++}`], random);
      return undefined;
    },
    isSingular,
  ),
  ofField(
    "move out of its oneof",
    (field) => {
      field.oneof = undefined;
      return undefined;
    },
    ({ oneof }) => oneof !== undefined,
  ),
  ofField(
    "move to another oneof",
    (field, message, model, random) => {
      field.oneof = pick([...oneofsOf(message), `oneof_${model.next++}`], random);
      return undefined;
    },
    ({ oneof }) => oneof !== undefined,
  ),
  ofField(
    "rename the oneof of",
    ({ oneof }, message, model) => {
      const name = `oneof_${model.next++}`;
      for (const each of message.fields) if (each.oneof === oneof) each.oneof = name;
      return undefined;
    },
    ({ oneof }) => oneof !== undefined,
  ),
  ofField("move to the end", (field, message) => {
    remove(message.fields, field);
    message.fields.push(field);
    return undefined;
  }),
  ofField(
    "change the default of",
    (field, _, __, random) => {
      field.defaultValue = random() < 0.3 ? undefined : String(Math.floor(random() * 5));
      return undefined;
    },
    (field, { edition }) => edition && isSingular(field) && field.type === "int32" && field.optional,
  ),
  toggle("deprecated", () => true),
  toggle("delimited", ({ key, type }, { edition }) => edition && key === undefined && type.startsWith("Message")),
  toggle("lax", ({ type }, { edition }) => edition && type === "string"),
  toggle("optional", (field) => isSingular(field) && !field.type.startsWith("Message")),
  toggle("packed", ({ repeated, key }) => repeated && key === undefined),
  toggle("required", (field, { edition }) => edition && isSingular(field) && !field.type.startsWith("Message")),
];
