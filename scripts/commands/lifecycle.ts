import { FindingsError } from "../core/finding.ts";
import { assembleCalendar, renderCalendarIcs, renderCalendarText } from "../core/lifecycle-calendar.ts";
import { readLifecycle } from "../io/lifecycle-yaml.ts";
import { dayOf, namesNow, ON_OPTION } from "./check-lifecycle.ts";
import { type Command, WORKSPACE_OPTIONS } from "./command.ts";
import { oneOf, openTree } from "./workspace.ts";

export const lifecycle: Command = {
  name: "lifecycle",
  summary: "The calendar of what is to go, and when.",
  details: [
    "lifecycle.yaml at the root says from which day an element is deprecated, from which day it may be gone, and what takes",
    "its place. This prints its dates, with what each element is on the day; as ics, for a calendar that people subscribe",
    "to. `charter check` holds the schemas to it. Days are in UTC.",
  ],
  options: {
    ...WORKSPACE_OPTIONS,
    format: { type: "string", value: "text|json|ics", help: "how to print (default: text)" },
    on: ON_OPTION,
  },
  examples: [
    "charter lifecycle",
    "charter lifecycle --on 2027-06-01 --format json",
    "charter lifecycle --format ics > lifecycle.ics",
  ],
  async run(values, reporter) {
    const format = oneOf(values, "format", ["text", "json", "ics"]);
    const day = dayOf(values);
    const { workspace } = await openTree(values);
    const { file, findings } = await readLifecycle(workspace.root);
    if (findings.length > 0) throw new FindingsError(findings, 1);
    const { names } = await reporter.progress("Reading the schemas …", namesNow(workspace));
    const calendar = assembleCalendar(file, names, day);
    if (format === "json") reporter.json(calendar);
    // The text ends as a calendar must, and a reporter adds a line's end of its own.
    else if (format === "ics") reporter.result(renderCalendarIcs(calendar).replace(/\n$/, ""));
    else reporter.result(renderCalendarText(calendar));
    return 0;
  },
};
