import { clockText } from "../clock.ts";
import { useObservable } from "../observable.ts";
import type { Operator } from "./operator.ts";

/** The rows of one channel as they come, newest first. */
export function FollowPanel({ operator }: { operator: Operator }) {
  const channel = useObservable(operator.channel);
  const state = useObservable(operator.followState);
  const rows = useObservable(operator.followed);
  return (
    <section className="panel follow" aria-label="Channel followed">
      <div className="panel-head">
        <h2>{channel === undefined ? "Follow a channel" : channel}</h2>
        {channel !== undefined && (
          <>
            <span className="quiet">{state}</span>
            <button type="button" onClick={() => operator.follow(undefined)}>
              stop
            </button>
          </>
        )}
      </div>
      <ol className="scroll rows" data-testid="followed">
        {rows.map((row) => (
          <li key={row.number}>
            <time>{clockText(row.millis)}</time> <span className="quiet">{row.kind}</span> <code>{row.text}</code>
          </li>
        ))}
        {channel === undefined && <li className="empty">Press “follow” beside a channel.</li>}
      </ol>
    </section>
  );
}
