import type { BarRow, LatestRow, Nanos, TradeRow } from "./protocol.ts";

/** A problem as RFC 9457 has it, with the code of docs/protocol.md, section 6. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: number;
}

/** Codes and statuses after which the same request may succeed later. */
const RETRY_CODES = new Set([4429, 4500, 4503]);
const RETRY_STATUSES = new Set([0, 429, 502, 503, 504]);

/** The server said no, or nothing. */
export class RequestFailed extends Error {
  /** The HTTP status; 0 when the server could not be reached or did not answer in time. */
  readonly status: number;
  readonly code: number | undefined;
  /** What the server sent, if it was a problem. */
  readonly problem: Problem;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;

  constructor(message: string, status: number, problem: Problem = {}) {
    super(message);
    this.name = "RequestFailed";
    this.status = status;
    this.code = problem.code;
    this.problem = problem;
    this.retry = RETRY_STATUSES.has(status) || (problem.code !== undefined && RETRY_CODES.has(problem.code));
  }
}

export interface Range {
  from?: Nanos;
  to?: Nanos;
  /** Rows a page, 1 to 10000. */
  limit?: number;
  cursor?: string;
}

export interface ProfileLevel {
  /** Lower edge of the price step. */
  price: number;
  volume: number;
  trades: number;
}

export interface RollingPoint {
  time: Nanos;
  average: number;
  vwap: number;
  trades: number;
}

/** A bar of history; `filled` says that it was made up where no trade was. */
export type HistoricalBar = BarRow & { filled?: boolean };

export interface RestOptions {
  /** Asked before each request, for example for `Authorization`. */
  headers?: () => Record<string, string> | Promise<Record<string, string>>;
  /** After this time a request fails; 10 s if absent. */
  timeoutMillis?: number;
  fetch?: typeof fetch;
}

type Query = Record<string, string | number | undefined>;
type Fill = { fill?: "none" | "previous" };

const TIMEOUT_MILLIS = 10_000;

/** History, aggregates and newest values by HTTP. What fails is a {@link RequestFailed}, but an abort by the caller's own signal is its reason. */
export class Rest {
  private readonly base: string;
  private readonly options: RestOptions;

  constructor(base: string, options: RestOptions = {}) {
    this.base = base;
    this.options = options;
  }

  /** A page of bars that were kept; `next`, if any, is the `cursor` of the page that follows. */
  bars(symbol: string, interval: string, range: Range & Fill = {}, signal?: AbortSignal) {
    return this.get<{ symbol: string; interval: string; bars: HistoricalBar[]; next?: string | null }>(
      "/historical/bars",
      { symbol, interval, ...range },
      signal,
    );
  }

  trades(symbol: string, range: Range = {}, signal?: AbortSignal) {
    return this.get<{ symbol: string; trades: TradeRow[]; next?: string | null }>(
      "/historical/trades",
      { symbol, ...range },
      signal,
    );
  }

  /** All bars of the range, fetched page by page while they are read. */
  async *eachBar(symbol: string, interval: string, range: Range & Fill = {}, signal?: AbortSignal): AsyncGenerator<HistoricalBar> {
    for (let cursor = range.cursor; ; ) {
      const page = await this.bars(symbol, interval, withCursor(range, cursor), signal);
      yield* page.bars;
      if (page.next == null) return;
      cursor = page.next;
    }
  }

  /** All trades of the range, fetched page by page while they are read. */
  async *eachTrade(symbol: string, range: Range = {}, signal?: AbortSignal): AsyncGenerator<TradeRow> {
    for (let cursor = range.cursor; ; ) {
      const page = await this.trades(symbol, withCursor(range, cursor), signal);
      yield* page.trades;
      if (page.next == null) return;
      cursor = page.next;
    }
  }

  /** Bars of any interval, straight from the trades. */
  aggregateBars(symbol: string, interval: string, range: Range = {}, signal?: AbortSignal) {
    return this.get<{ symbol: string; interval: string; bars: BarRow[] }>(
      "/aggregates/bars",
      { symbol, interval, ...range },
      signal,
    );
  }

  vwap(symbol: string, range: Range = {}, signal?: AbortSignal) {
    return this.get<{ symbol: string; vwap: number | null; volume: number; trades: number }>(
      "/aggregates/vwap",
      { symbol, ...range },
      signal,
    );
  }

  profile(symbol: string, step: number, range: Range = {}, signal?: AbortSignal) {
    return this.get<{ symbol: string; step: number; levels: ProfileLevel[] }>(
      "/aggregates/profile",
      { symbol, step, ...range },
      signal,
    );
  }

  rolling(symbol: string, window: string, range: Range = {}, signal?: AbortSignal) {
    return this.get<{ symbol: string; window: string; points: RollingPoint[]; truncated?: boolean }>(
      "/aggregates/rolling",
      { symbol, window, ...range },
      signal,
    );
  }

  latest(symbol?: string, signal?: AbortSignal) {
    return this.get<{ rows: LatestRow[] }>("/latest", { symbol }, signal);
  }

  symbols(signal?: AbortSignal) {
    return this.get<{ symbols: string[] }>("/symbols", {}, signal);
  }

  /** What the user keeps with the server under this name; undefined while there is nothing, or the server keeps nothing. */
  async kept<T>(name: string, signal?: AbortSignal): Promise<T | undefined> {
    try {
      const json = await this.send(`/user/${name}`, {}, { accept: "application/json" }, signal);
      return json === "" ? undefined : (JSON.parse(json) as T);
    } catch (failure) {
      if (failure instanceof RequestFailed && failure.status === 404) return undefined;
      throw failure;
    }
  }

  /** Keeps an object or array with the server under this name, in place of what was there. */
  async keep(name: string, value: object, signal?: AbortSignal): Promise<void> {
    const body = JSON.stringify(value);
    await this.send(`/user/${name}`, { method: "PUT", body }, { "content-type": "application/json" }, signal);
  }

  private async get<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    const text = parameters.toString();
    const json = await this.send(`${path}${text === "" ? "" : `?${text}`}`, {}, { accept: "application/json" }, signal);
    return JSON.parse(json) as T;
  }

  /** Sends a request and returns the body of its answer. */
  private async send(target: string, init: RequestInit, headers: Record<string, string>, signal?: AbortSignal): Promise<string> {
    const timeout = AbortSignal.timeout(this.options.timeoutMillis ?? TIMEOUT_MILLIS);
    try {
      const response = await (this.options.fetch ?? fetch)(`${this.base}${target}`, {
        ...init,
        headers: { ...(await this.options.headers?.()), ...headers },
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      if (!response.ok) throw await failureOf(response);
      return await response.text();
    } catch (failure) {
      if (failure instanceof RequestFailed) throw failure;
      if (signal?.aborted) throw signal.reason;
      throw new RequestFailed(timeout.aborted ? "The server did not answer in time." : "The server can't be reached.", 0);
    }
  }
}

function withCursor<R extends Range>(range: R, cursor: string | undefined): R {
  return cursor === undefined ? range : { ...range, cursor };
}

async function failureOf(response: Response): Promise<RequestFailed> {
  const said: unknown = await response.json().catch(() => undefined);
  const problem = typeof said === "object" && said !== null ? (said as Problem) : {};
  const words = problem.detail ?? problem.title ?? `The server answered ${response.status}.`;
  return new RequestFailed(words, response.status, problem);
}
