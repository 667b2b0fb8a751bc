import { type Edit, remove } from "./random-edit-fields.ts";
import {
  type EnumModel,
  type MethodModel,
  type Model,
  pick,
  randomEnum,
  randomMessageModel,
  randomMethod,
} from "./random-model.ts";

function ofEnum(
  name: string,
  change: (each: EnumModel, model: Model, random: () => number) => boolean | undefined,
): Edit {
  return (model, random) => {
    const each = pick(model.enums, random);
    if (each === undefined) return undefined;
    return change(each, model, random) === false ? undefined : `${name} ${each.name}`;
  };
}

function ofMethod(name: string, change: (method: MethodModel, model: Model, random: () => number) => void): Edit {
  return (model, random) => {
    const method = pick(model.methods, random);
    if (method === undefined) return undefined;
    const told = `${name} ${method.name}`;
    change(method, model, random);
    return told;
  };
}

/** Renames a message or an enum where it is used. */
function renameUses(model: Model, from: string, to: string): void {
  for (const field of model.messages.flatMap(({ fields }) => fields)) if (field.type === from) field.type = to;
  for (const method of model.methods) {
    if (method.input === from) method.input = to;
    if (method.output === from) method.output = to;
  }
}

/** Removes all that uses a message or an enum. */
function removeUses(model: Model, type: string): void {
  for (const { fields } of model.messages) {
    for (const field of fields.filter((each) => each.type === type)) remove(fields, field);
  }
  for (const method of model.methods.filter(({ input, output }) => input === type || output === type)) {
    remove(model.methods, method);
  }
}

function valueName(each: EnumModel, model: Model): string {
  return `${each.name.toUpperCase()}_V${model.next++}`;
}

function nextNumber({ values }: EnumModel): number {
  return Math.max(...values.map(({ number }) => number)) + 1;
}

export const TYPE_EDITS: readonly Edit[] = [
  (model, random) => {
    model.messages.push(randomMessageModel(model, random));
    return "add a message";
  },
  (model, random) => {
    const message = pick(model.messages, random);
    if (message === undefined || model.messages.length < 2) return undefined;
    remove(model.messages, message);
    removeUses(model, message.name);
    return `remove ${message.name}`;
  },
  (model, random) => {
    const message = pick(model.messages, random);
    if (message === undefined) return undefined;
    const [from, to] = [message.name, `Message${model.next++}`];
    renameUses(model, from, to);
    message.name = to;
    return `rename ${from} to ${to}`;
  },
  (model, random) => {
    model.enums.push(randomEnum(model, random));
    return "add an enum";
  },
  ofEnum("remove", (each, model) => {
    if (model.enums.length < 2) return false;
    remove(model.enums, each);
    removeUses(model, each.name);
    return undefined;
  }),
  ofEnum("rename", (each, model) => {
    const from = each.name;
    each.name = `Enum${model.next++}`;
    renameUses(model, from, each.name);
    for (const value of each.values) value.name = value.name.replace(from.toUpperCase(), each.name.toUpperCase());
    return undefined;
  }),
  ofEnum("open or close", (each) => {
    each.closed = !each.closed;
    return undefined;
  }),
  ofEnum("add a value to", (each, model) => {
    each.values.push({ name: valueName(each, model), number: nextNumber(each) });
    return undefined;
  }),
  ofEnum("add an alias to", (each, model, random) => {
    const number = pick(each.values, random)?.number ?? 0;
    each.values.splice(random() < 0.5 ? 1 : each.values.length, 0, { name: valueName(each, model), number });
    return undefined;
  }),
  ofEnum("remove a value of", (each, _, random) => {
    const value = pick(each.values.slice(1), random);
    if (value === undefined) return false;
    remove(each.values, value);
    return undefined;
  }),
  ofEnum("rename a value of", (each, model, random) => {
    const value = pick(each.values, random);
    if (value === undefined) return false;
    value.name = valueName(each, model);
    return undefined;
  }),
  ofEnum("rename all names of a number of", (each, model, random) => {
    const number = pick(each.values, random)?.number;
    for (const value of each.values) if (value.number === number) value.name = valueName(each, model);
    return undefined;
  }),
  ofEnum("renumber a value of", (each, _, random) => {
    const value = pick(each.values.slice(1), random);
    if (value === undefined) return false;
    value.number = nextNumber(each);
    return undefined;
  }),
  ofEnum("swap two numbers of", (each, _, random) => {
    const [one, other] = [pick(each.values.slice(1), random), pick(each.values.slice(1), random)];
    if (one === undefined || other === undefined || one === other) return false;
    [one.number, other.number] = [other.number, one.number];
    return undefined;
  }),
  ofEnum("put a value on another number of", (each, _, random) => {
    const [value, other] = [pick(each.values.slice(1), random), pick(each.values, random)];
    if (value === undefined || other === undefined || value === other) return false;
    value.number = other.number;
    return undefined;
  }),
  ofEnum("move a value of", (each, { edition }, random) => {
    // Only a closed enum may begin with another value than zero.
    const value = pick(each.values.slice(edition && each.closed ? 0 : 1), random);
    if (value === undefined) return false;
    remove(each.values, value);
    each.values.push(value);
    return undefined;
  }),
  (model, random) => {
    model.methods.push(randomMethod(model, random));
    return "add an rpc";
  },
  (model) => {
    if (model.methods.length === 0) return undefined;
    model.service = `Service${model.next++}`;
    return `rename the service to ${model.service}`;
  },
  ofMethod("remove", (method, model) => {
    remove(model.methods, method);
  }),
  ofMethod("rename", (method, model) => {
    method.name = `Method${model.next++}`;
  }),
  ofMethod("change the request of", (method, model, random) => {
    method.input = pick(model.messages, random)?.name ?? method.input;
  }),
  ofMethod("change the response of", (method, model, random) => {
    method.output = pick(model.messages, random)?.name ?? method.output;
  }),
  ofMethod("change the idempotency of", (method, _, random) => {
    method.idempotency = Math.floor(random() * 3);
  }),
  ofMethod("change the streaming of", (method, _, random) => {
    if (random() < 0.5) method.streamsIn = !method.streamsIn;
    else method.streamsOut = !method.streamsOut;
  }),
];
