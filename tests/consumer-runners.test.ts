import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { consumerEnvironment, createConsumer } from "../scripts/io/consumer.ts";
import { run } from "../scripts/io/process.ts";
import { publishPackages } from "../scripts/io/publish.ts";
import { type Registry, startRegistry } from "../scripts/io/registry.ts";
import { builtPackages, PACKAGES } from "./support/packages.ts";
import { bareEnvironment, SCOPE } from "./support/publish.ts";
import { LONG } from "./support/soak.ts";

/** What a user tests with the fake. Which `test`, `equal` and `clock` there are is said by what stands above it. */
const TESTS = `
import { createRecommendationsFake } from "${SCOPE}/recommendations-v2/testing";
import { RpcError } from "${SCOPE}/rpc";

const audience = { $case: "readerId", value: "reader-7" };

test("unary", async () => {
  const client = createRecommendationsFake({
    recommend: ({ limit }) => ({
      recommendations: Array.from({ length: limit }, (_, index) => ({ bookId: "book-" + index })),
      generateTime: new Date(1000),
    }),
  });
  const { recommendations, generateTime } = await client.recommend({ audience, limit: 2 });
  equal(recommendations.map(({ bookId, title }) => [bookId, title]), [["book-0", ""], ["book-1", ""]]);
  equal([generateTime, generateTime instanceof Date], [new Date(1000), true]);
});

test("stream", async () => {
  let ended = 0;
  const client = createRecommendationsFake({
    async *streamRecommendations() {
      try {
        for (const bookId of ["momo", "hound", "moonstone"]) yield { upserted: [{ bookId }] };
      } finally {
        ended++;
      }
    },
    async *refine(requests) {
      for await (const { step } of requests) yield { question: step.$case };
    },
  });
  const seen = [];
  for await (const { upserted } of client.streamRecommendations({ audience })) {
    seen.push(upserted[0].bookId);
    if (seen.length === 2) break;
  }
  const start = { step: { $case: "start", value: { audience } } };
  for await (const { question } of client.refine([start])) seen.push(question);
  equal([seen, ended], [["momo", "hound", "start"], 1]);
});

test("error", async () => {
  const bug = new Error("bug");
  const details = [{ type: "google.rpc.ErrorInfo", value: { reason: "GONE" } }];
  const client = createRecommendationsFake({
    recommend({ similarToBookId }) {
      throw similarToBookId === "bug" ? bug : new RpcError("NOT_FOUND", "no book", { details });
    },
  });
  const failure = (request) => client.recommend(request).then(() => "none", (error) => error);
  const absent = await failure({ audience });
  equal([RpcError.is(absent), absent instanceof RpcError, absent instanceof Error], [true, true, true]);
  equal([absent.codeName, absent.detail("google.rpc.ErrorInfo").reason], ["NOT_FOUND", "GONE"]);
  const internal = await failure({ audience, similarToBookId: "bug" });
  equal([internal.codeName, internal.cause === bug], ["INTERNAL", true]);
  equal((await failure({ audience, limit: 1.5 })) instanceof TypeError, true);
});

test("deadline", async () => {
  clock.stop();
  try {
    let aborted = false;
    const client = createRecommendationsFake({
      recommend: (_, { signal }) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            aborted = true;
          });
        }),
    });
    const call = client.recommend({ audience }, { deadline: 60_000 }).catch((error) => error);
    await clock.pass(60_000);
    equal([(await call).codeName, aborted], ["DEADLINE_EXCEEDED", true]);
  } finally {
    clock.go();
  }
});

test("recorded calls", async () => {
  const client = createRecommendationsFake({
    async recordEvents(requests) {
      let acceptedCount = 0n;
      for await (const { event } of requests) if (event !== undefined) acceptedCount++;
      return { acceptedCount };
    },
  });
  const events = ["e1", "e2"].map((eventId) => ({ event: { eventId } }));
  const { acceptedCount } = await client.recordEvents(events, { metadata: { "x-who": "me" } });
  equal(acceptedCount, 2n);
  const [call] = client.calls;
  equal([call.method, call.requests.map(({ event }) => event.eventId)], ["recordEvents", ["e1", "e2"]]);
  equal(call.metadata.get("x-who"), "me");
});
`;

/** The names of the tests above. */
const NAMES = [...TESTS.matchAll(/^test\("(.*?)"/gm)].map(([, name = ""]) => name);

/** As it is written where modules are CommonJS. */
const toCommonJs = (code: string): string =>
  code.replaceAll(/^import (.*) from ("[^"]*");$/gm, (_, names: string, from: string) => {
    return `const ${names.replace("* as ", "").replaceAll(" as ", ": ")} = require(${from});`;
  });

/** What a runner said: the tests that passed, by name. */
type Passed = (stdout: string) => readonly string[];

const inTap: Passed = (stdout) =>
  [...stdout.matchAll(/^ok \d+ - (?:\S+ > )?(.*?)(?: # .*)?$/gm)].map(([, name = ""]) => name);

const inJson: Passed = (stdout) => {
  const report = JSON.parse(stdout) as {
    testResults: readonly { assertionResults: readonly { title: string; status: string }[] }[];
  };
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return results.filter(({ status }) => status === "passed").map(({ title }) => title);
};

/** One way to run the tests. */
interface Way {
  readonly file: string;
  readonly code: string;
  readonly more?: Readonly<Record<string, string>>;
  /** What node is given before the file. */
  readonly args: readonly string[];
  readonly passed: Passed;
}

interface Runner {
  readonly long: boolean;
  /** What is installed beside the packages. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly ways: Readonly<Record<string, Way>>;
}

const TAP = ["--test", "--test-reporter=tap"];

const NODE = `import * as assert from "node:assert/strict";
import { mock, test } from "node:test";
const equal = assert.deepEqual;
const clock = {
  stop: () => mock.timers.enable({ apis: ["setTimeout", "Date"] }),
  pass: async (ms) => {
    await new Promise(setImmediate);
    mock.timers.tick(ms);
  },
  go: () => mock.timers.reset(),
};
`;

const VITEST = `import { expect, test, vi } from "vitest";
const equal = (actual, expected) => expect(actual).toEqual(expected);
const clock = {
  stop: () => vi.useFakeTimers(),
  pass: (ms) => vi.advanceTimersByTimeAsync(ms),
  go: () => vi.useRealTimers(),
};
`;

const JEST = `import { expect, jest as runner, test } from "@jest/globals";
const equal = (actual, expected) => expect(actual).toEqual(expected);
const clock = {
  stop: () => runner.useFakeTimers(),
  pass: (ms) => runner.advanceTimersByTimeAsync(ms),
  go: () => runner.useRealTimers(),
};
`;

/** Its cache would stay in the system's temporary folder. */
const RUN_JEST = [join("node_modules", "jest", "bin", "jest.js"), "--json", "--cacheDirectory=cache"];

/** For jest without Node's flag: the packages are made CommonJS, as the tests are. */
const TRANSFORM = {
  transform: { "\\.m?js$": ["babel-jest", { plugins: ["@babel/plugin-transform-modules-commonjs"] }] },
  transformIgnorePatterns: [`/node_modules/(?!${SCOPE}/)`],
};

const RUNNERS: Readonly<Record<string, Runner>> = {
  "node:test": {
    long: false,
    dependencies: {},
    ways: {
      "ES modules": {
        file: "fake.test.js",
        code: NODE + TESTS,
        args: TAP,
        passed: inTap,
      },
      CommonJS: {
        file: "fake.test.cjs",
        code: toCommonJs(NODE + TESTS),
        args: TAP,
        passed: inTap,
      },
    },
  },
  vitest: {
    long: true,
    dependencies: { vitest: "5.1.1" },
    ways: {
      "as it is": {
        file: "fake.test.js",
        code: VITEST + TESTS,
        args: [join("node_modules", "vitest", "vitest.mjs"), "run", "--reporter=tap-flat"],
        passed: inTap,
      },
    },
  },
  jest: {
    long: true,
    dependencies: { jest: "30.5.2", "@babel/plugin-transform-modules-commonjs": "^7.0.0" },
    ways: {
      "ES modules, with Node's flag": {
        file: "fake.test.js",
        code: JEST + TESTS,
        args: ["--experimental-vm-modules", ...RUN_JEST],
        passed: inJson,
      },
      // jest can require ES modules in Node 24.9 and later, and then also needs the flag.
      "CommonJS, with Node's flag": {
        file: "fake.test.cjs",
        code: toCommonJs(JEST + TESTS),
        args: ["--experimental-vm-modules", ...RUN_JEST],
        passed: inJson,
      },
      "a transform, without the flag": {
        file: "transformed.test.js",
        code: JEST + TESTS,
        more: { "transform.json": JSON.stringify(TRANSFORM) },
        args: [...RUN_JEST, "--config=transform.json"],
        passed: inJson,
      },
    },
  },
};

describe("a generated fake, installed from a registry, runs under", () => {
  let registry: Registry;
  before(async () => {
    registry = await startRegistry({ scope: SCOPE });
    const folders = builtPackages().map(({ folder }) => join(PACKAGES, folder));
    await publishPackages({ folders, registry: registry.url, scope: SCOPE });
  });
  after(() => registry.close());

  for (const [name, { long, dependencies, ways }] of Object.entries(RUNNERS)) {
    test(name, long ? LONG : {}, async (context) => {
      const files = Object.values(ways).map(({ file, code, more }) => ({ [file]: code, ...more }));
      await using consumer = await createConsumer({
        registry: registry.url,
        scope: SCOPE,
        dependencies: { [`${SCOPE}/recommendations-v2`]: "^1.0.0", [`${SCOPE}/rpc`]: "^1.0.0", ...dependencies },
        files: Object.assign({}, ...files),
      });
      // Not consumer.run: node:test takes itself for a part of these tests when it inherits what they are told.
      const env = consumerEnvironment(bareEnvironment());
      for (const [way, { file, args, passed }] of Object.entries(ways)) {
        await context.test(way, async () => {
          const result = await run(process.execPath, [...args, file], { cwd: consumer.folder, env });
          const stdout = result.stdout.toString("utf8");
          assert.equal(result.status, 0, `${stdout}\n${result.stderr}`);
          assert.deepEqual(passed(stdout), NAMES);
        });
      }
    });
  }
});
