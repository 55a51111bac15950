/** The messages and rows of docs/protocol.md, version 1, whichever form of the wire brings them. */

/** Nanoseconds since 1970-01-01T00:00Z in decimal digits: a JSON number could not hold them exactly. */
export type Nanos = string;

export type Side = "BUY" | "SELL";

/** A row of `prices:SYMBOL`. What is null or absent is not known. */
export interface PriceRow {
  symbol: string;
  price?: number | null;
  size?: number | null;
  side?: Side | null;
  open?: number | null;
  volume?: number | null;
  bid?: number | null;
  ask?: number | null;
  bidSize?: number | null;
  askSize?: number | null;
  time?: Nanos | null;
  stale?: boolean | null;
}

/** A row of `/latest`; that of one symbol says where it came from. */
export interface LatestRow extends PriceRow {
  /** `live`, or what stood in: `cache`, `last` or `store`. */
  source?: string;
  /** Of a stale one: how old it is. */
  ageMillis?: number;
}

export type BarState = "OPEN" | "CLOSED" | "REVISED";

/** A row of `bars:INTERVAL:SYMBOL`. With `trades` 0 it is taken back. */
export interface BarRow {
  openTime: Nanos;
  closeTime: Nanos;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  vwap?: number | null;
  trades: number;
  revision: number;
  state: BarState;
}

/** A row of `status`: how one part of the server is. */
export interface StatusRow {
  name: string;
  state: "LIVE" | "CONNECTING" | "DOWN" | "ENDED";
  since?: Nanos | null;
  reason?: string | null;
  lagMillis?: number | null;
  gaps?: number | null;
  late?: number | null;
  duplicates?: number | null;
  refused?: number | null;
  stale?: boolean | null;
}

/** A row of `trades:SYMBOL`. The same `id` again with a `version` corrects or cancels the trade. */
export interface TradeRow {
  time: Nanos;
  id: string;
  price: number;
  volume: number;
  side?: Side | null;
  version?: number | "CANCELLED" | null;
}

export interface NewsRow {
  time: Nanos;
  title: string;
  text?: string | null;
  symbols?: string[] | null;
}

/** A row of `orders`: the whole order after a change. */
export interface OrderRow {
  clientOrderId: string;
  orderId: string;
  /** 0 when accepted, +1 with each change; one that comes again is to be passed over. */
  revision: number;
  time: Nanos;
  symbol: string;
  side: Side;
  type: "MARKET" | "LIMIT";
  price?: number | null;
  volume: number;
  status: "ACCEPTED" | "PARTLY_FILLED" | "FILLED" | "CANCELLED" | "REJECTED";
  filled: number;
  averagePrice?: number | null;
  lastPrice?: number | null;
  lastVolume?: number | null;
  reason?: string | null;
}

export interface AlertRow {
  time: Nanos;
  severity: "INFO" | "WARNING" | "CRITICAL";
  code?: string | null;
  text: string;
}

/** A row as it travels: in a delta of a state channel only the fields that changed. */
export type Row = Record<string, unknown>;

/** How far a client has come in a channel. */
export interface Position {
  epoch: string;
  seq: number;
}

export type SnapshotReason = "SUBSCRIBED" | "RESET" | "SLOW";

export interface Snapshot {
  type: "snapshot";
  channel: string;
  epoch: string;
  seq: number;
  reason: SnapshotReason;
  /** Name of the field that tells rows apart; absent on a log. */
  key?: string;
  rows: Row[];
}

export interface Delta {
  type: "delta";
  channel: string;
  prev: number;
  seq: number;
  rows: Row[];
}

export interface Resumed {
  type: "resumed";
  channel: string;
  epoch: string;
  seq: number;
}

export interface Hello {
  type: "hello";
  protocol: string;
  session: string;
  heartbeatMillis: number;
  server?: string;
}

export interface Heartbeat {
  type: "heartbeat";
  time: Nanos;
  conflated?: number;
  queuedBytes?: number;
}

export interface CommandError {
  type: "error";
  id?: number;
  code: number;
  message: string;
  retry?: boolean;
}

/** The answer to `authenticate`. */
export interface Authenticated {
  type: "authenticated";
  id: number;
  user?: string;
  /** When the token ends; a new one may be given before on the same connection. */
  expires?: Nanos | null;
}

/** A subscription has ended: nothing more of it is sent. */
export interface Ended {
  type: "ended";
  /** As it was subscribed to. */
  channel: string;
  code: number;
  message: string;
}

/** The server will stop: connect again after this time. */
export interface GoAway {
  type: "goaway";
  afterMillis?: number;
}

/** The answer to an order or a cancel (docs/protocol.md, section 7). */
export interface OrderAck {
  type: "ack";
  id: number;
  clientOrderId: string;
  orderId: string;
  status: "ACCEPTED" | "CANCELLED";
}

/** The checksum of a state channel at a position (docs/codecs.md). */
export interface Checksum {
  type: "checksum";
  id: number;
  channel: string;
  epoch: string;
  seq: number;
  crc: number;
}

/**
 * Not sent by a server: the decoder says that a delta of the channel could not be read, because it does not follow what is here.
 * `resumable` says whether the client still has what it can resume from.
 */
export interface Gap {
  type: "gap";
  channel: string;
  resumable: boolean;
}

export type ServerMessage =
  | Hello
  | Snapshot
  | Delta
  | Resumed
  | Heartbeat
  | CommandError
  | Authenticated
  | Ended
  | GoAway
  | OrderAck
  | Checksum
  | Gap
  | { type: "subscribed"; id: number; channels: string[] }
  | { type: "unsubscribed"; id: number; channels: string[] }
  | { type: "pong"; id: number };

/** Close codes after which another try with the same commands would end the same way. */
export const CLOSE_CODES_WITHOUT_RETRY: ReadonlySet<number> = new Set([4400, 4403, 4404, 4409, 4413]);
