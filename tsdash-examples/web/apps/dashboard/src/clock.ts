import { nanosToMillis, type Nanos } from "@tsdash/client";

/** Hours, minutes and seconds in UTC, as every time on this page. */
export function clockText(millis: number): string {
  return new Date(millis).toISOString().slice(11, 19);
}

export function clockOf(nanos: Nanos): string {
  return clockText(nanosToMillis(nanos));
}

/** A length of time as one would say it. */
export function ageText(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

export function lagText(millis: number): string {
  return millis < 10_000 ? `${Math.round(millis)} ms` : ageText(millis);
}
