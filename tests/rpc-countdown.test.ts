import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Countdown } from "../packages/rpc/src/countdown.ts";

test("each thing has its own time, whatever was added or taken away before and after", async () => {
  const over: string[] = [];
  const countdown = new Countdown<string>(100, (item) => over.push(item));
  countdown.add("first");
  countdown.add("taken away");
  await sleep(50);
  countdown.add("second");
  countdown.delete("taken away");
  assert.equal(over.length, 0);
  // The order of timers of one length is certain, their hour is not.
  await sleep(60);
  assert.ok(over.includes("first"));
  await sleep(100);
  assert.deepEqual(over, ["first", "second"]);
  countdown.add("third");
  await sleep(150);
  assert.deepEqual(over, ["first", "second", "third"]);
});

test("nothing is over before its own time, also when another is", async () => {
  const added = new Map<string, number>();
  const waited: number[] = [];
  const countdown = new Countdown<string>(80, (item) => waited.push(performance.now() - (added.get(item) ?? 0)));
  for (const item of ["a", "b", "c"]) {
    added.set(item, performance.now());
    countdown.add(item);
    await sleep(30);
  }
  while (waited.length < 3) await sleep(20);
  assert.ok(
    waited.every((each) => each >= 80),
    waited.join(", "),
  );
});

test("one that is added when time is over for another has its own", async () => {
  const over: string[] = [];
  const countdown: Countdown<string> = new Countdown(20, (item) => {
    over.push(item);
    if (over.length < 3) countdown.add(`${item}!`);
  });
  countdown.add("a");
  await sleep(120);
  assert.deepEqual(over, ["a", "a!", "a!!"]);
});
