import type { Category as OldCategory } from "@bookstore/catalog-v1";
import type { Category } from "@bookstore/catalog-v2";
import { categoryToV1, categoryToV2 } from "./gen/convert.ts";
import type * as open from "./gen/holes.ts";
import { lose } from "./gen/losses.ts";

export const categoryNameToV2: open.CategoryNameToV2 = ({ name }) =>
  name === "" ? undefined : { translations: { en: name }, defaultLanguage: "en" };

/** In English, else in the category's own language. */
export const categoryNameToV1: open.CategoryNameToV1 = ({ name }) => {
  if (name === undefined) return "";
  const language = ["en", name.defaultLanguage].find((each) => Object.hasOwn(name.translations, each));
  return (language === undefined ? undefined : name.translations[language]) ?? "";
};

export const listCategoriesResponseCategoriesToV2: open.ListCategoriesResponseCategoriesToV2 = (from, onLoss) => {
  const known = new Map<string, Category>();
  const top: Category[] = [];
  for (const each of from.categories) {
    const made = categoryToV2({ ...each, parentId: "" }, onLoss);
    const parent = each.parentId === "" ? undefined : known.get(each.parentId);
    if (onLoss !== undefined && each.parentId !== "" && parent === undefined) {
      lose(onLoss, "v1.ListCategoriesResponse.categories");
    }
    (parent?.children ?? top).push(made);
    if (!known.has(each.categoryId)) known.set(each.categoryId, made);
  }
  return top;
};

/** Parents before their children. */
export const listCategoriesResponseCategoriesToV1: open.ListCategoriesResponseCategoriesToV1 = (from, onLoss) => {
  const list: OldCategory[] = [];
  const add = (category: Category, parentId: string): void => {
    list.push({ ...categoryToV1({ ...category, children: [] }, onLoss), parentId });
    for (const each of category.children) add(each, category.categoryId);
  };
  for (const each of from.categories) add(each, "");
  return list;
};

/** A category somewhere in trees. */
export function findCategory(trees: readonly Category[], id: string): Category | undefined {
  for (const each of trees) {
    const found = each.categoryId === id ? each : findCategory(each.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Trees without what is below some levels. */
export function cutBelow(trees: readonly Category[], levels: number): readonly Category[] {
  if (levels === 0) return [];
  return trees.map((each) => ({ ...each, children: [...cutBelow(each.children, levels - 1)] }));
}
