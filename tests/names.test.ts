import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { npmName, packageFolder, serviceNames, serviceStem, stabilityOf } from "../scripts/core/names.ts";
import { nearest } from "../scripts/core/nearest.ts";

const NAMING = { scope: "@bookstore", root: "bookstore" };

describe("npm names", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["bookstore.recommendations.v2", "@bookstore/recommendations-v2"],
    ["bookstore.type.v1", "@bookstore/type-v1"],
    ["google.protobuf", "@bookstore/google-protobuf"],
    ["google.cloud.speech.v1p1beta1", "@bookstore/google-cloud-speech-v1p1beta1"],
    ["bookstore", "@bookstore/bookstore"],
    ["bookstores.orders.v1", "@bookstore/bookstores-orders-v1"],
    ["Acme.FooBar", "@bookstore/acme-foo-bar"],
    ["acme.snake_case.v1", "@bookstore/acme-snake_case-v1"],
    ["", "@bookstore/no-package"],
  ];
  for (const [protoPackage, expected] of cases) {
    test(`${protoPackage} → ${expected}`, () => {
      assert.equal(npmName(protoPackage, NAMING), expected);
      assert.equal(`@bookstore/${packageFolder(protoPackage, NAMING)}`, expected);
    });
  }
});

describe("stability", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a.v1", "stable"],
    ["a.v12", "stable"],
    ["a.v1beta1", "unstable"],
    ["a.v1alpha", "unstable"],
    ["a.v2p1alpha3", "unstable"],
    ["a.v1test", "unstable"],
    ["a.v0", "unversioned"],
    ["a.v01", "unversioned"],
    ["a.version1", "unversioned"],
    ["google.protobuf", "unversioned"],
    ["v1", "stable"],
    ["", "unversioned"],
  ];
  for (const [protoPackage, expected] of cases) {
    test(`${protoPackage || "(none)"} is ${expected}`, () => assert.equal(stabilityOf(protoPackage), expected));
  }
});

describe("names of a service", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["RecommendationsService", "Recommendations"],
    ["Publisher", "Publisher"],
    ["Service", "Service"],
    ["lower", "Lower"],
    ["ServiceService", "Service"],
  ];
  for (const [service, stem] of cases) {
    test(`${service} → create${stem}Client`, () => {
      assert.equal(serviceStem(service), stem);
      assert.equal(serviceNames(service).createClient, `create${stem}Client`);
      assert.equal(serviceNames(service).definition, `${service}Definition`);
    });
  }
});

describe("the nearest word", () => {
  const words = ["generate", "build", "check", "demo"];
  for (const [typed, meant] of [
    ["genrate", "generate"],
    ["chekc", "check"],
    ["DEMO", "demo"],
    ["bulid", "build"],
  ] as const) {
    test(`${typed} → ${meant}`, () => assert.equal(nearest(typed, words), meant));
  }
});
