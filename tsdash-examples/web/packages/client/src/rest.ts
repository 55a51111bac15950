import type { BarRow, Nanos, PriceRow, TradeRow } from "./protocol.ts";

/** The server said no, in the form of RFC 9457; `status` 0 when it could not be reached. */
export class RequestFailed extends Error {
  readonly status: number;
  readonly code: number | undefined;

  constructor(message: string, status: number, code?: number) {
    super(message);
    this.name = "RequestFailed";
    this.status = status;
    this.code = code;
  }
}

export interface Range {
  from?: Nanos;
  to?: Nanos;
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

type Query = Record<string, string | number | undefined>;

const TIMEOUT_MILLIS = 10_000;

/** History, aggregates and newest values by HTTP. Every call ends after ten seconds at the latest. */
export class Rest {
  private readonly base: string;
  private readonly fetcher: typeof fetch;

  constructor(base: string, fetcher: typeof fetch = (input, init) => fetch(input, init)) {
    this.base = base;
    this.fetcher = fetcher;
  }

  bars(symbol: string, interval: string, range: Range & { fill?: "none" | "previous" } = {}, signal?: AbortSignal) {
    return this.get<{ symbol: string; interval: string; bars: BarRow[]; next?: string | null }>(
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
    return this.get<{ symbol: string; window: string; points: RollingPoint[] }>(
      "/aggregates/rolling",
      { symbol, window, ...range },
      signal,
    );
  }

  latest(symbol?: string, signal?: AbortSignal) {
    return this.get<{ rows: PriceRow[] }>("/latest", { symbol }, signal);
  }

  symbols(signal?: AbortSignal) {
    return this.get<{ symbols: string[] }>("/symbols", {}, signal);
  }

  private async get<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    const text = parameters.toString();
    const timeout = AbortSignal.timeout(TIMEOUT_MILLIS);
    let response: Response;
    try {
      response = await this.fetcher(`${this.base}${path}${text === "" ? "" : `?${text}`}`, {
        headers: { accept: "application/json" },
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (failure) {
      if (signal?.aborted) throw failure;
      throw new RequestFailed(timeout.aborted ? "The server did not answer in time." : "The server can't be reached.", 0);
    }
    if (!response.ok) throw await problemOf(response);
    return (await response.json()) as T;
  }
}

async function problemOf(response: Response): Promise<RequestFailed> {
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string; code?: number };
  return new RequestFailed(
    problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
    response.status,
    problem.code,
  );
}
