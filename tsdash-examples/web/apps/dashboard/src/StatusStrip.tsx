import type { ReactNode } from "react";
import type { StatusRow } from "@tsdash/client";
import { ageText, clockText, lagText } from "./clock.ts";
import type { Market } from "./market.ts";
import { formatCount } from "./numbers.ts";
import { useObservable } from "./observable.ts";
import { silenceMillis, useHealth } from "./use-health.ts";
import { useNow } from "./use-now.ts";

/** Behind this the feed is worth a look. */
const LAG_WARNING_MILLIS = 1000;

const STATE_TITLES: Record<string, string> = {
  connecting: "The first connection is being made.",
  live: "Connected; every change on the server reaches this page.",
  stale: "The connection is lost or silent. What is shown is old; a new connection is being tried.",
  failed: "The server refused the connection for good.",
  closed: "This page has closed its connection.",
};

/** One line that says whether the numbers above can be trusted. */
export function StatusStrip({ market }: { market: Market }) {
  const health = useHealth(market);
  const feeds = useObservable(market.status);
  const now = useNow();
  const sum = (field: "gaps" | "late" | "duplicates" | "refused") =>
    feeds.reduce((total, feed) => total + (feed[field] ?? 0), 0);
  const lags = feeds.map((feed) => feed.lagMillis).filter((lag) => typeof lag === "number");
  // What the server said last about its feeds is no news while it can't be heard.
  const heard = health.state === "live";
  const lag = lags.length === 0 || !heard ? undefined : Math.max(...lags);
  const feedGaps = sum("gaps");
  const gaps = feedGaps + health.gaps;
  const late = sum("late");
  const refused = sum("refused");
  const stale = staleText(health.state === "stale" ? silenceMillis(health) : undefined, feeds);

  return (
    <footer className="strip" aria-label="Connection and data quality">
      <Item label="Connection" title={`${STATE_TITLES[health.state] ?? ""} ${health.reason}`}>
        <i className={`dot ${health.state}`} aria-hidden="true" />
        <b role="status" data-testid="state">
          {health.state}
        </b>
      </Item>
      <Item label="Data" title="Whether the prices shown are current." warn={stale !== undefined}>
        <b data-testid="stale" data-stale={stale !== undefined}>
          {stale ?? "current"}
        </b>
      </Item>
      <Item
        label="Lag"
        title={
          "How far the slowest feed is behind its venue, as the server measures it." +
          (health.roundTripMillis === undefined
            ? ""
            : ` From here to the server and back: ${Math.round(health.roundTripMillis)} ms.`)
        }
        warn={(lag ?? 0) > LAG_WARNING_MILLIS}
      >
        <b data-testid="lag">{lag === undefined ? "–" : lagText(lag)}</b>
      </Item>
      <Item
        label="Gaps"
        title={`Missing sequence numbers. Between venue and server: ${feedGaps}. Between server and this page: ${health.gaps}, each fetched again (${health.resumed} channels resumed; ${health.resets} could not be and started from a new snapshot).${health.checksumFailures > 0 ? ` ${health.checksumFailures} channels differed from the server and were fetched anew.` : ""}`}
        warn={gaps > 0 || health.resets > 0 || health.checksumFailures > 0}
      >
        <b data-testid="gaps">{formatCount(gaps)}</b>
      </Item>
      <Item
        label="Late"
        title="Trades that came behind a newer one of their symbol. Within the lateness bound they count, and revise a bar that had closed; later ones are only counted."
      >
        <b data-testid="late">{formatCount(late)}</b>
      </Item>
      <Item
        label="Conflated"
        title={`Updates that were never sent to this page because a newer value of the same row replaced them. Normal in busy markets; trades are never conflated.${health.slowSnapshots > 0 ? ` ${health.slowSnapshots} times this page was too slow and got a new snapshot.` : ""}`}
      >
        <b data-testid="conflated">{formatCount(health.conflated)}</b>
      </Item>
      <Item
        label="Duplicates"
        title="Trades that the feeds delivered more than once; they count once."
      >
        <b>{formatCount(sum("duplicates"))}</b>
      </Item>
      <Item label="Refused" title="Events that made no sense, such as a price that is not a number." warn={refused > 0}>
        <b data-testid="refused">{formatCount(refused)}</b>
      </Item>
      <span className="feeds">
        {feeds.map((feed) => (
          <span key={feed.name} className="feed" title={heard ? feedTitle(feed) : "Not known while the connection is lost"}>
            <i className={`dot ${!heard ? "" : feed.stale ? "stale" : feed.state.toLowerCase()}`} aria-hidden="true" />
            {feed.name} {heard ? feed.state.toLowerCase() : "not known"}
          </span>
        ))}
      </span>
      <time className="clock" title="All times on this page are UTC">
        {clockText(now)} UTC
      </time>
    </footer>
  );
}

function Item({ label, title, warn, children }: { label: string; title: string; warn?: boolean; children: ReactNode }) {
  return (
    <span className={`item${warn === true ? " warn" : ""}`} title={title}>
      <span className="label">{label}</span> {children}
    </span>
  );
}

function staleText(silence: number | undefined, feeds: readonly StatusRow[]): string | undefined {
  if (silence !== undefined) return `${ageText(silence)} old`;
  const stale = feeds.filter((feed) => feed.stale === true).map((feed) => feed.name);
  return stale.length === 0 ? undefined : `stale: ${stale.join(", ")}`;
}

function feedTitle(feed: StatusRow): string {
  const parts = [`${feed.name} is ${feed.state.toLowerCase()}`];
  if (feed.reason) parts.push(feed.reason);
  if (typeof feed.lagMillis === "number") parts.push(`lag ${lagText(feed.lagMillis)}`);
  if (feed.stale === true) parts.push("what it delivers is stale");
  return parts.join("; ");
}
