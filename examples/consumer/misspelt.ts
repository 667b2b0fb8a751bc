import { createRecommendationsClient, type Recommendation } from "@bookstore/recommendations-v2";

/** Must not compile: TypeScript knows every field, also of a message inside a message. */
export async function recommendCrime(readerId: string): Promise<readonly Recommendation[]> {
  const client = createRecommendationsClient("http://127.0.0.1:50051");
  try {
    const { recommendations } = await client.recommend({
      audience: { $case: "readerId", value: readerId },
      filter: { categoryIds: ["crime"], /* misspelt: */ langauge: "en" },
      limit: 3,
    });
    return recommendations;
  } finally {
    client.close();
  }
}
