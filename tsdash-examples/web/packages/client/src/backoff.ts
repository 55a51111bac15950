/**
 * Waiting times between attempts to connect: doubled each time up to a limit, and spread at random over the upper half, so that the
 * clients of a server that restarts do not all come back in the same moment.
 */
export class Backoff {
  private attempts = 0;
  private readonly firstMillis: number;
  private readonly maxMillis: number;
  private readonly random: () => number;

  constructor(firstMillis: number, maxMillis: number, random: () => number) {
    this.firstMillis = firstMillis;
    this.maxMillis = maxMillis;
    this.random = random;
  }

  nextMillis(): number {
    const full = Math.min(this.maxMillis, this.firstMillis * 2 ** Math.min(this.attempts++, 30));
    return full / 2 + (full / 2) * this.random();
  }

  reset(): void {
    this.attempts = 0;
  }
}
