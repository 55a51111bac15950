import { useEffect, useState, type FormEvent } from "react";
import { ageText } from "../clock.ts";
import { formatCount } from "../numbers.ts";
import { useObservable } from "../observable.ts";
import { useShownTheme } from "../theme.ts";
import { FollowPanel } from "./FollowPanel.tsx";
import type { Health, Operator, Overview } from "./operator.ts";

/** A client that has so much waiting is about to be skipped. */
const QUEUE_WARNING_BYTES = 512 * 1024;

/** What the server does, for those who run it: parts, channels, clients, and one channel live. */
export function OperatorPage({ operator }: { operator: Operator }) {
  useShownTheme("system");
  const { overview, health, problem, needsToken } = useObservable(operator.seen);
  const [prefix, setPrefix] = useState("");
  useEffect(() => operator.filter(prefix), [operator, prefix]);

  return (
    <div className="operator">
      <header className="top">
        <h1 className="brand">tsdash operator</h1>
        <p className="counts" data-testid="counts">
          {overview &&
            `${formatCount(overview.sessions)} sessions on ${formatCount(overview.connections)} connections, ${formatCount(overview.channels)} channels`}
        </p>
        <a href="./">dashboard</a>
      </header>
      {problem !== undefined && (
        <p className="problem" role="alert" data-testid="problem">
          {problem} {overview && "What is shown is old."}
        </p>
      )}
      {needsToken && <TokenForm onToken={(token) => operator.signIn(token)} />}
      {health && <Parts health={health} />}
      {overview && (
        <main className="operator-panels">
          <section className="panel" aria-label="Channels">
            <div className="panel-head">
              <h2>Channels by subscribers</h2>
              <input
                type="search"
                placeholder="begins with…"
                aria-label="Names begin with"
                value={prefix}
                onChange={(event) => setPrefix(event.target.value)}
                data-testid="prefix"
              />
            </div>
            <ChannelTable overview={overview} onFollow={(channel) => operator.follow(channel)} />
          </section>
          <section className="panel" aria-label="Clients">
            <div className="panel-head">
              <h2>Slowest clients</h2>
            </div>
            <ClientTable overview={overview} />
          </section>
          <FollowPanel operator={operator} />
        </main>
      )}
    </div>
  );
}

function TokenForm({ onToken }: { onToken: (token: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onToken(String(new FormData(event.currentTarget).get("token") ?? ""));
  };
  return (
    <form className="token" onSubmit={submit}>
      <label>
        Token with the permission <code>operator</code>
        <input name="token" type="password" autoComplete="off" required data-testid="token" />
      </label>
      <button type="submit">Sign in</button>
    </form>
  );
}

function Parts({ health }: { health: Health }) {
  return (
    <ul className="parts" aria-label="Parts of the server" data-testid="parts">
      {Object.entries(health.parts).map(([name, part]) => (
        <li key={name}>
          <i className={`dot ${part.status === "UP" ? "live" : "stale"}`} aria-hidden="true" />
          {name} <b>{part.status.toLowerCase()}</b> {part.reason && <span className="quiet">{part.reason}</span>}
        </li>
      ))}
    </ul>
  );
}

function ChannelTable({ overview, onFollow }: { overview: Overview; onFollow: (channel: string) => void }) {
  return (
    <div className="scroll">
      <table data-testid="channels">
        <thead>
          <tr>
            <th>Channel</th>
            <th className="number">Subscribers</th>
            <th className="number">Changes</th>
            <th>Form</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {overview.mostHeard.map((channel) => (
            <tr key={channel.name}>
              <td>{channel.name}</td>
              <td className="number">{formatCount(channel.subscribers)}</td>
              <td className="number">{formatCount(channel.sequence)}</td>
              <td className="quiet">{channel.form}</td>
              <td>
                <button type="button" onClick={() => onFollow(channel.name)} aria-label={`Follow ${channel.name}`}>
                  follow
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ClientTable({ overview }: { overview: Overview }) {
  return (
    <div className="scroll">
      <table data-testid="clients">
        <thead>
          <tr>
            <th>Client</th>
            <th>User</th>
            <th className="number" title="Bytes that wait for its network">
              Waiting
            </th>
            <th className="number" title="How long its queue has been full">
              Full for
            </th>
            <th className="number" title="Updates that newer values of the same rows replaced">
              Conflated
            </th>
            <th className="number">Channels</th>
            <th className="number" title="How often it wants changes">
              Every
            </th>
          </tr>
        </thead>
        <tbody>
          {overview.slowest.map((client) => (
            <tr key={client.session} className={client.fullMillis > 0 || client.queuedBytes > QUEUE_WARNING_BYTES ? "warn" : ""}>
              <td>{client.address.replace("/", "")}</td>
              <td>{client.user}</td>
              <td className="number">{formatCount(client.queuedBytes)} B</td>
              <td className="number">{client.fullMillis === 0 ? "–" : ageText(client.fullMillis)}</td>
              <td className="number">{formatCount(client.conflated)}</td>
              <td className="number">{formatCount(client.channels)}</td>
              <td className="number">{client.intervalMillis === 0 ? "change" : `${client.intervalMillis} ms`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
