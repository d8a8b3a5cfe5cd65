// The page's pure parts, by node's own runner: node --test tests/clients/web
import assert from "node:assert/strict";
import test from "node:test";

import {bytes, count, duration, legible, ms, nearly, percent, rate}
  from "../../../clients/web/format.js";
import {accuracyFloor, backoff, parted, parts, path, scale, slept, steps}
  from "../../../clients/web/shape.js";

test("what is not known is a dash", () => {
  for (const f of [bytes, count, duration, ms, nearly, percent, rate])
    for (const v of [null, undefined, NaN, Infinity])
      assert.equal(f(v), "–");
});

test("a label that nobody could see is in quotes", () => {
  assert.equal(legible(" "), "“ ”");
  assert.equal(legible("7"), "7");
  assert.equal(legible(null), null);
});

test("numbers have the digits that a person reads", () => {
  assert.equal(count(1234567), "1,234,567");
  assert.equal(rate(5321.7), "5,322");
  assert.equal(rate(0.1234), "0.123");
  assert.equal(percent(0.98765), "98.8 %");
  assert.equal(nearly(0.99999), "99 %");
  assert.equal(bytes(0), "0 B");
  assert.equal(bytes(1024 * 1024 * 1.5), "1.5 MiB");
  assert.equal(ms(1234), "1.23");
  assert.equal(ms(123456), "123");
  assert.equal(duration(0.4), "0 s");
  assert.equal(duration(59), "59 s");
  assert.equal(duration(3600 * 25), "1 d 1 h");
});

test("the axis of accuracy leaves room below and is cut at round numbers", () => {
  for (const values of [[], [null], [0.1, 0.93, 0.95, 0.97], [1, 1, 1, 1],
    [0, 0, 0, 0], [0.5, 0.6, 0.7, 0.8]]) {
    const floor = accuracyFloor(values);
    assert.ok(floor >= 0 && floor < 1, `${values}: ${floor}`);
    const old = values.slice(Math.floor(values.length / 4))
      .filter(v => v !== null);
    for (const v of old)
      assert.ok(v >= floor || floor === 0);
    const step = 100 * (1 - floor) / parts(floor);
    assert.ok(Math.abs(step - Math.round(step)) < 1e-9, `${floor}: ${step}`);
  }
});

test("a gap in the numbers is a gap in the line", () => {
  assert.equal(path([[0, 1], [1, null], [2, 3], [3, 4]]),
    "M0.0 1.0M2.0 3.0L3.0 4.0");
  assert.equal(scale(0, 0, 5, 9)(3), 5);
});

test("a histogram's outline is closed and within its box", () => {
  const d = steps([0, 2, 1], 2, 30, 10);
  assert.ok(d.startsWith("M0 10") && d.endsWith("L30 10Z"));
  assert.ok(steps([0, 0], 0, 10, 10).includes("10.0"));
});

test("parted is the area under the curve", () => {
  assert.equal(parted([0, 0, 4], [4, 0, 0]), 1);
  assert.equal(parted([4, 0, 0], [0, 0, 4]), 0);
  assert.equal(parted([1, 1], [1, 1]), 0.5);
  assert.equal(parted([0], [1]), null);
});

test("sleep is told between points and never negative", () => {
  assert.deepEqual(slept([5, 9, 9, 2]), [0, 4, 0, 0]);
});

test("it waits longer each time and never for ever", () => {
  assert.equal(backoff(0), 1000);
  assert.ok(backoff(3) >= backoff(2));
  assert.equal(backoff(50), 8000);
});
