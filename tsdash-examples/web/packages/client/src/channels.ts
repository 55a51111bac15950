/** What is fixed about each kind of channel. */

const STATE_KEYS: Record<string, string> = { prices: "symbol", bars: "openTime", status: "name", node: "name" };

/** The field that names a row of a state channel, or undefined for a log channel. */
export function keyFieldOf(channel: string): string | undefined {
  const colon = channel.indexOf(":");
  return STATE_KEYS[colon < 0 ? channel : channel.slice(0, colon)];
}

/** Whether a subscription to `pattern` (which may end in `*`) covers `channel`. */
export function covers(pattern: string, channel: string): boolean {
  return pattern.endsWith("*") ? channel.startsWith(pattern.slice(0, -1)) : pattern === channel;
}
