import {
  type EnumModel,
  type FieldModel,
  type MessageModel,
  type Model,
  pick,
  randomEnum,
  randomField,
  randomMessageModel,
  randomMethod,
  SCALARS,
} from "./random-schema.ts";

/** One thing that a person does to a schema. @returns what was done; undefined when it was not possible. */
export function editModel(model: Model, random: () => number): string | undefined {
  const edit = pick(EDITS, random);
  return edit?.(model, random);
}

type Edit = (model: Model, random: () => number) => string | undefined;

/** An edit of a field of some message. */
function ofField(
  name: string,
  change: (field: FieldModel, message: MessageModel, model: Model, random: () => number) => boolean | undefined,
): Edit {
  return (model, random) => {
    const message = pick(model.messages, random);
    const field = pick(message?.fields ?? [], random);
    if (message === undefined || field === undefined) return undefined;
    return change(field, message, model, random) === false ? undefined : `${name} ${message.name}.${field.name}`;
  };
}

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

function remove<T>(items: T[], item: T): void {
  items.splice(items.indexOf(item), 1);
}

function rename(model: Model, from: string, to: string): void {
  for (const field of model.messages.flatMap(({ fields }) => fields)) if (field.type === from) field.type = to;
  for (const method of model.methods) {
    if (method.input === from) method.input = to;
    if (method.output === from) method.output = to;
  }
}

const EDITS: readonly Edit[] = [
  (model, random) => {
    const message = pick(model.messages, random);
    message?.fields.push(randomField(model, message, random));
    return message && `add a field to ${message.name}`;
  },
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
  ofField("renumber", (field, message) => {
    field.number = Math.max(...[...message.fields, ...message.reserved].map(({ number }) => number)) + 1;
    return undefined;
  }),
  ofField("swap", (field, message, _, random) => {
    const other = pick(message.fields, random);
    if (other === undefined || other === field) return false;
    [field.number, other.number] = [other.number, field.number];
    return undefined;
  }),
  ofField("retype", (field, _, __, random) => {
    field.type = pick(SCALARS, random) ?? field.type;
    return undefined;
  }),
  ofField("toggle optional of", (field) => {
    if (field.repeated || field.oneof !== undefined) return false;
    field.optional = !field.optional;
    return undefined;
  }),
  ofField("toggle repeated of", (field) => {
    if (field.oneof !== undefined) return false;
    field.repeated = !field.repeated;
    field.optional = false;
    return undefined;
  }),
  ofField("move into or out of a oneof", (field, message, model, random) => {
    if (field.repeated) return false;
    const oneofs = [...new Set(message.fields.flatMap(({ oneof }) => oneof ?? []))];
    field.optional = false;
    field.oneof = field.oneof === undefined ? (pick([...oneofs, `oneof_${model.next++}`], random) ?? "") : undefined;
    return undefined;
  }),
  ofField("deprecate or not", (field) => {
    field.deprecated = !field.deprecated;
    return undefined;
  }),
  ofField("move to the end", (field, message) => {
    remove(message.fields, field);
    message.fields.push(field);
    return undefined;
  }),
  (model, random) => {
    model.messages.push(randomMessageModel(model, random));
    return "add a message";
  },
  (model, random) => {
    const message = pick(model.messages, random);
    if (message === undefined) return undefined;
    const name = `Message${model.next++}`;
    rename(model, message.name, name);
    message.name = name;
    return `rename a message to ${name}`;
  },
  (model, random) => {
    model.enums.push(randomEnum(model, random));
    return "add an enum";
  },
  ofEnum("add a value to", (each, model) => {
    each.values.push({
      name: `${each.name.toUpperCase()}_V${model.next++}`,
      number: Math.max(...each.values.map(({ number }) => number)) + 1,
    });
    return undefined;
  }),
  ofEnum("add an alias to", (each, model, random) => {
    const number = pick(each.values, random)?.number ?? 0;
    each.values.splice(random() < 0.5 ? 1 : each.values.length, 0, {
      name: `${each.name.toUpperCase()}_V${model.next++}`,
      number,
    });
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
    value.name = `${each.name.toUpperCase()}_V${model.next++}`;
    return undefined;
  }),
  ofEnum("renumber a value of", (each, _, random) => {
    const value = pick(each.values.slice(1), random);
    if (value === undefined) return false;
    value.number = Math.max(...each.values.map(({ number }) => number)) + 1;
    return undefined;
  }),
  (model, random) => {
    model.methods.push(randomMethod(model, random));
    return "add an rpc";
  },
  (model, random) => {
    const method = pick(model.methods, random);
    if (method === undefined) return undefined;
    remove(model.methods, method);
    return `remove ${method.name}`;
  },
  (model, random) => {
    const method = pick(model.methods, random);
    if (method === undefined) return undefined;
    method.name = `Method${model.next++}`;
    return `rename an rpc to ${method.name}`;
  },
  (model, random) => {
    const method = pick(model.methods, random);
    if (method === undefined) return undefined;
    method.idempotency = Math.floor(random() * 3);
    return `change the idempotency of ${method.name}`;
  },
  (model, random) => {
    const method = pick(model.methods, random);
    if (method === undefined) return undefined;
    method.streamsOut = !method.streamsOut;
    return `change the streaming of ${method.name}`;
  },
];
