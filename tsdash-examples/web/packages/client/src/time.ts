import type { Nanos } from "./protocol.ts";

/** Whole milliseconds of a time on the wire; the digits below are cut off. */
export function nanosToMillis(nanos: Nanos): number {
  return Number(BigInt(nanos) / 1_000_000n);
}

/** Whole seconds of a time on the wire. */
export function nanosToSeconds(nanos: Nanos): number {
  return Number(BigInt(nanos) / 1_000_000_000n);
}

export function millisToNanos(millis: number): Nanos {
  return (BigInt(Math.round(millis)) * 1_000_000n).toString();
}

/** Orders two times on the wire without losing digits. */
export function compareNanos(a: Nanos, b: Nanos): number {
  return a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length;
}
