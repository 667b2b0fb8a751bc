import * as v1 from "@bookstore/recommendations-v1";
import * as v2 from "@bookstore/recommendations-v2";

const address = process.argv[2] ?? process.env["RECOMMENDATIONS_ADDRESS"] ?? "http://127.0.0.1:50051";

function print(version: string, call: string, answer: unknown): void {
  console.log(JSON.stringify({ version, call, answer }));
}

const old = v1.createRecommendationsClient(address);
const current = v2.createRecommendationsClient(address);
const audience = { $case: "readerId", value: "reader-7" } as const;
try {
  const answer = await old.recommend({ userId: "reader-7", limit: 2 });
  print("v1", "recommend", v1.RecommendResponse.toJSON(answer));

  const { recommendations, generateTime } = await current.recommend({
    audience,
    limit: 2,
    filter: { language: "en", maxPrice: { currencyCode: "EUR", units: 12n } },
  });
  for (const { title, relevance, reason, price } of recommendations) {
    const why = v2.recommendation_ReasonToJSON(reason);
    const euros = price === undefined ? undefined : Number(price.units) + price.nanos / 1e9;
    print("v2", "recommend", { title, relevance, why, euros, generateTime });
  }

  // The stream sends the whole list first and then its changes; a purchase makes one. Leaving the loop ends the call.
  for await (const { upserted, removedBookIds } of current.streamRecommendations({ audience })) {
    print("v2", "streamRecommendations", { upserted: upserted.map((each) => each.bookId), removedBookIds });
    if (removedBookIds.length > 0) break;
    const bought = { $case: "purchased", value: { quantity: 1 } } as const;
    const event = { eventId: "event-1", readerId: "reader-7", bookId: "earthsea-2", activity: bought };
    const { acceptedCount } = await current.recordEvents([{ event }]);
    print("v2", "recordEvents", { acceptedCount: Number(acceptedCount) });
  }
} finally {
  old.close();
  current.close();
}
