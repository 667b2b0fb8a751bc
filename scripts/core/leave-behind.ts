import type { DescEnum, DescField, DescFile, DescMessage, DescMethod, DescOneof } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";

/** What a new version does not take over, because the old one was to be rid of it. */
export interface LeftBehind {
  /** Deprecated elements that nothing else needs, with what only they needed. */
  readonly removed: ReadonlySet<Removable>;
  /** Deprecated elements that something needs: their full names, and why. */
  readonly kept: readonly { readonly path: string; readonly reason: string }[];
}

export type Removable = DescMessage | DescEnum | DescField | DescMethod | DescOneof | DescEnum["values"][number];

/** @param files of one package. */
export function planLeaving(files: readonly DescFile[]): LeftBehind {
  const types = files.flatMap((file) => [...nestedTypes(file)]);
  const messages = types.filter((type) => type.kind === "message");
  const enums = types.filter((type) => type.kind === "enum");
  const services = files.flatMap((file) => file.services);
  const methods = services.flatMap((service) => service.methods);
  const removed = new Set<Removable>();
  const kept: { path: string; reason: string }[] = [];
  for (const method of methods.filter(({ deprecated }) => deprecated)) removed.add(method);
  for (const message of messages) leaveFields(message, removed);
  for (const each of enums) {
    for (const value of each.values.filter(({ deprecated }) => deprecated)) {
      if (value.number !== 0) removed.add(value);
      else kept.push({ path: `${each.typeName}.${value.name}`, reason: "it is what an unset field means" });
    }
  }
  // A version without its service is none: whether it goes, or only its mark, is for a person to say.
  for (const { typeName } of services.filter(({ deprecated }) => deprecated))
    kept.push({ path: typeName, reason: "a service is taken over with its mark: remove the one or the other" });
  const candidates = new Set<DescMessage | DescEnum>([...messages, ...enums].filter(({ deprecated }) => deprecated));
  // The messages of an rpc that is gone are nobody's.
  for (const { input, output } of methods.filter((method) => removed.has(method))) {
    for (const type of [input, output]) if (messages.includes(type)) candidates.add(type);
  }
  leaveTypes(candidates, { messages, methods, removed });
  for (const type of candidates) {
    if (removed.has(type) || !type.deprecated) continue;
    kept.push({ path: type.typeName, reason: "something that stays has its type" });
  }
  return { removed, kept };
}

function leaveFields(message: DescMessage, removed: Set<Removable>): void {
  for (const field of message.fields.filter(({ deprecated }) => deprecated)) removed.add(field);
  for (const oneof of message.oneofs) {
    if (oneof.fields.every((field) => removed.has(field))) removed.add(oneof);
  }
}

interface Rest {
  readonly messages: readonly DescMessage[];
  readonly methods: readonly DescMethod[];
  readonly removed: Set<Removable>;
}

/** Removes the candidates that nothing which stays refers to: what refers to each other alone goes too. */
function leaveTypes(candidates: ReadonlySet<DescMessage | DescEnum>, { messages, methods, removed }: Rest): void {
  const going = new Set(candidates);
  const isGone = (type: DescMessage | undefined): boolean =>
    type !== undefined && (going.has(type) || isGone(type.parent));
  for (let before = -1; before !== going.size; ) {
    before = going.size;
    const staying = messages.filter((message) => !isGone(message));
    const needed = new Set<DescMessage | DescEnum | undefined>([
      ...staying.flatMap(({ fields }) =>
        fields.filter((field) => !removed.has(field)).map((field) => field.message ?? field.enum),
      ),
      ...methods.filter((method) => !removed.has(method)).flatMap(({ input, output }) => [input, output]),
    ]);
    for (const type of going) {
      const inside = type.kind === "message" ? [type, ...type.nestedMessages, ...type.nestedEnums] : [type];
      if (inside.some((each) => needed.has(each))) going.delete(type);
    }
  }
  for (const type of going) removed.add(type);
}
