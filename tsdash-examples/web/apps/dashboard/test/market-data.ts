import type { BarRow, FrameSource } from "@tsdash/client";

/** A bar of one minute that opens at a second since 1970. */
export function bar(openSecond: number, more: Partial<BarRow> = {}): BarRow {
  return {
    openTime: `${openSecond}000000000`,
    closeTime: `${openSecond + 60}000000000`,
    open: 1,
    high: 2,
    low: 1,
    close: 2,
    volume: 10,
    trades: 3,
    revision: 0,
    state: "CLOSED",
    ...more,
  };
}

/** Animation frames that come when the test says so. */
export class ManualFrames implements FrameSource {
  private waiting: (() => void)[] = [];

  request(callback: () => void): () => void {
    this.waiting.push(callback);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== callback);
    };
  }

  paint(): void {
    for (const callback of this.waiting.splice(0)) callback();
  }
}
