import { covers } from "./channels.ts";
import type { CommandError, Ended } from "./protocol.ts";
import type { ChannelChange } from "./replica.ts";

export type ChannelListener = (change: ChannelChange) => void;

/** Why a subscription does not hold: the command was refused, or it was ended later. */
export type Refusal = CommandError | Ended;

export interface Subscription {
  pattern: string;
  listener: ChannelListener;
  onRefused: ((refusal: Refusal) => void) | undefined;
}

/** Who listens to which channels. What a listener throws is reported as uncaught and keeps nothing from the others. */
export class Subscriptions {
  private readonly all = new Set<Subscription>();

  add(subscription: Subscription): void {
    this.all.add(subscription);
  }

  delete(subscription: Subscription): boolean {
    return this.all.delete(subscription);
  }

  clear(): void {
    this.all.clear();
  }

  patterns(): Set<string> {
    return new Set([...this.all].map(({ pattern }) => pattern));
  }

  /** Those to exactly this pattern. */
  to(pattern: string): Subscription[] {
    return [...this.all].filter((subscription) => subscription.pattern === pattern);
  }

  has(pattern: string): boolean {
    for (const subscription of this.all) if (subscription.pattern === pattern) return true;
    return false;
  }

  isWanted(channel: string): boolean {
    for (const { pattern } of this.all) if (covers(pattern, channel)) return true;
    return false;
  }

  tell(change: ChannelChange): void {
    for (const { pattern, listener } of this.all) {
      if (covers(pattern, change.channel)) calling(() => listener(change));
    }
  }

  refuse(pattern: string, refusal: Refusal): void {
    for (const { onRefused } of this.to(pattern)) calling(() => onRefused?.(refusal));
  }
}

/** Calls someone else's code: what it throws must not stop what comes after it. */
export function calling(call: () => void): void {
  try {
    call();
  } catch (failure) {
    queueMicrotask(() => {
      throw failure;
    });
  }
}
