import { FIELD_EDITS } from "./random-edit-fields.ts";
import { TYPE_EDITS } from "./random-edit-types.ts";
import { type Model, pick } from "./random-model.ts";

/** One thing that a person does to a schema. @returns what was done; undefined when it was not possible. */
export function editModel(model: Model, random: () => number): string | undefined {
  const edit = pick([...FIELD_EDITS, ...TYPE_EDITS], random);
  return edit?.(model, random);
}

/** Some edits of a copy: at least one, and most often only one, so that nothing hides behind another. */
export function editCopy(
  model: Model,
  random: () => number,
): { readonly model: Model; readonly edits: readonly string[] } {
  const copy = structuredClone(model);
  const edits: string[] = [];
  const count = random() < 0.5 ? 1 : 1 + Math.floor(random() * 3);
  while (edits.length < count) {
    const edit = editModel(copy, random);
    if (edit !== undefined) edits.push(edit);
  }
  return { model: copy, edits };
}
