import { ageText, clockText } from "./clock.ts";
import type { Market } from "./market.ts";
import { silenceMillis, useHealth } from "./use-health.ts";
import { useNow } from "./use-now.ts";

/** Says in the middle of everything that what is shown is old, and from when it is. */
export function StaleBanner({ market }: { market: Market }) {
  const health = useHealth(market);
  const lost = health.state === "stale" || health.state === "failed";
  const now = useNow(lost);
  if (!lost) return null;
  const age = silenceMillis(health);
  return (
    <div className="banner" role="alert" data-testid="banner">
      <strong>Connection lost.</strong> What you see is from {clockText(now - age)} UTC, {ageText(age)} ago ({health.reason}
      ). {health.state === "stale" ? "Trying again; missed updates will be fetched." : "The server refuses to go on: reload the page."}
      {health.state === "stale" && (
        <button type="button" onClick={() => market.reconnectNow()}>
          Try now
        </button>
      )}
    </div>
  );
}
