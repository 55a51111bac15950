import { clockOf } from "./clock.ts";
import type { Market, Notice } from "./market.ts";
import { useObservable } from "./observable.ts";

/** News and alerts, newest first. */
export function NoticePanel({ market }: { market: Market }) {
  const notices = useObservable(market.notices);
  const state = useObservable(market.eventsState);
  return (
    <section className="panel news" aria-label="News and alerts">
      <div className="panel-head">
        <h2>News and alerts</h2>
        {(state === "stale" || state === "failed") && <span className="mark">not connected</span>}
      </div>
      <ul className="notices" role="log" aria-live="polite" data-testid="notices">
        {notices.map((notice) => (
          <NoticeItem key={notice.number} notice={notice} />
        ))}
        {notices.length === 0 && (
          <li className="empty">{state === "live" ? "Nothing has happened yet." : "Waiting for news…"}</li>
        )}
      </ul>
    </section>
  );
}

function NoticeItem({ notice }: { notice: Notice }) {
  if (notice.kind === "alert") {
    const { row } = notice;
    return (
      <li className={`alert ${row.severity.toLowerCase()}`}>
        <time>{clockOf(row.time)}</time>
        <p>
          <b>{row.severity.toLowerCase()}</b> {row.text}
        </p>
      </li>
    );
  }
  const { row } = notice;
  return (
    <li>
      <time>{clockOf(row.time)}</time>
      <p>
        {row.title}
        {row.symbols && row.symbols.length > 0 && <small> {row.symbols.join(", ")}</small>}
        {row.text && <span className="body">{row.text}</span>}
      </p>
    </li>
  );
}
