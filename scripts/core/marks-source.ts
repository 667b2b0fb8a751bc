import type { DescField, DescMessage, DescService } from "@bufbuild/protobuf";
import { isDeprecated } from "./deprecation.ts";
import { type Dates, type DatesByName, findDates, NO_DATES } from "./lifecycle-dates.ts";
import { type Naming, runtimePackage } from "./names.ts";
import { compare, type ProtoPackage } from "./packages.ts";
import { methodName, propertyOf } from "./ts-names.ts";

/** The module of a package that holds its marks. Not exported by the package: it is for the runtime alone. */
export const MARKS_MODULE = "marks";

/** What the runtime must know of a field: as `FieldMarks` of the runtime. */
interface FieldMarks {
  readonly deprecated?: true;
  readonly dates?: Dates;
  readonly redact?: true;
  /** The full name of a message that has marks itself. */
  readonly type?: string;
  /** `type` is of the values of a map, which as an object looks like a message. */
  readonly map?: true;
  /** Of a oneof: by the name of the case. */
  readonly cases?: { readonly [name: string]: FieldMarks };
}

/** What the runtime must know of a service: as `Marks` of the runtime. */
export interface Marks {
  readonly deprecated?: true;
  readonly dates?: Dates;
  readonly methods?: { readonly [key: string]: { readonly deprecated?: true; readonly dates?: Dates } };
  readonly messages?: { readonly [typeName: string]: { readonly [property: string]: FieldMarks } };
}

/** What brings the marks into another module of the package, when there are any. */
export function marksImport(candidate: ProtoPackage): string {
  return marksOfPackage(candidate).size > 0 ? `import * as ${NAMESPACE} from "./${MARKS_MODULE}.js";\n` : "";
}

/** The marks of a service where they were imported so. */
export function marksArgument(service: DescService): string {
  return `${NAMESPACE}.${marksName(service)}`;
}

/** No type is called so: see safe-names.ts. */
const NAMESPACE = "marks";

function marksName(service: DescService): string {
  return `${service.name}Marks`;
}

/** The services that have marks, and those. Which ones does not depend on the dates: they only stand beside marks. */
export function marksOfPackage(
  candidate: ProtoPackage,
  dates: DatesByName = NO_DATES,
): ReadonlyMap<DescService, Marks> {
  const marked = candidate.services.map((service) => [service, marksOf(service, dates)] as const);
  return new Map(marked.filter(([, marks]) => Object.keys(marks).length > 0));
}

/** The module; undefined when there is nothing to mark. */
export function marksSource(
  candidate: ProtoPackage,
  naming: Naming,
  dates: DatesByName = NO_DATES,
): string | undefined {
  const services = [...marksOfPackage(candidate, dates)].map(
    ([service, marks]) => `/** What is deprecated or secret in ${service.typeName} and in its messages. */
export const ${marksName(service)}: rpc.Marks = ${JSON.stringify(marks, null, 2)};
`,
  );
  if (services.length === 0) return undefined;
  return `import type * as rpc from "${runtimePackage(naming)}";\n\n${services.join("\n")}`;
}

/** What is marked in a service: nothing is an empty object. Only messages that the runtime can come to are told of. */
export function marksOf(service: DescService, dates: DatesByName = NO_DATES): Marks {
  const methods = service.methods
    .filter(({ deprecated }) => deprecated)
    .map((method) => [methodName(method), deprecation(`${service.typeName}.${method.name}`, dates)] as const);
  const reached = reachable(service.methods.flatMap(({ input, output }) => [input, output]));
  const marked = withMarks(reached);
  const messages = [...marked]
    .sort((a, b) => compare(a.typeName, b.typeName))
    .map((message) => [message.typeName, propertiesOf(message, marked, dates)] as const);
  return {
    ...(isDeprecated(service) ? deprecation(service.typeName, dates) : {}),
    ...(methods.length > 0 ? { methods: Object.fromEntries(methods) } : {}),
    ...(messages.length > 0 ? { messages: Object.fromEntries(messages) } : {}),
  };
}

function deprecation(name: string, dates: DatesByName): { readonly deprecated: true; readonly dates?: Dates } {
  const found = findDates(name, dates);
  return found === undefined ? { deprecated: true } : { deprecated: true, dates: found };
}

function reachable(from: readonly DescMessage[], seen = new Set<DescMessage>()): ReadonlySet<DescMessage> {
  for (const message of from) {
    if (seen.has(message)) continue;
    seen.add(message);
    reachable(
      message.fields.flatMap((field) => field.message ?? []),
      seen,
    );
  }
  return seen;
}

/** Those of the messages that have a mark, or lead to one that has. */
function withMarks(messages: ReadonlySet<DescMessage>): ReadonlySet<DescMessage> {
  const marked = new Set([...messages].filter(({ fields }) => fields.some(hasOwnMark)));
  // Messages may hold each other in a circle, so this goes on until nothing is added.
  for (let before = -1; before !== marked.size; ) {
    before = marked.size;
    for (const message of messages) {
      if (message.fields.some((field) => field.message !== undefined && marked.has(field.message))) marked.add(message);
    }
  }
  return marked;
}

function hasOwnMark(field: DescField): boolean {
  return field.deprecated || isSecret(field);
}

function isSecret(field: DescField): boolean {
  return field.proto.options?.debugRedact === true;
}

function propertiesOf(
  message: DescMessage,
  marked: ReadonlySet<DescMessage>,
  dates: DatesByName,
): { readonly [property: string]: FieldMarks } {
  const plain: [string, FieldMarks][] = [];
  const cases = new Map<string, [string, FieldMarks][]>();
  for (const field of message.fields) {
    const marks = fieldMarks(field, marked, dates);
    if (Object.keys(marks).length === 0) continue;
    const entry: [string, FieldMarks] = [propertyOf(field.name), marks];
    if (field.oneof === undefined) plain.push(entry);
    else cases.set(field.oneof.name, [...(cases.get(field.oneof.name) ?? []), entry]);
  }
  const oneofs = [...cases].map(([oneof, entries]) => [propertyOf(oneof), { cases: Object.fromEntries(entries) }]);
  return Object.fromEntries([...plain, ...oneofs]);
}

function fieldMarks(field: DescField, marked: ReadonlySet<DescMessage>, dates: DatesByName): FieldMarks {
  const leads = field.message !== undefined && marked.has(field.message);
  return {
    ...(field.deprecated ? deprecation(`${field.parent.typeName}.${field.name}`, dates) : {}),
    ...(isSecret(field) ? { redact: true } : {}),
    ...(leads ? { type: field.message.typeName } : {}),
    ...(leads && field.fieldKind === "map" ? { map: true } : {}),
  };
}
