import type { Events } from "./event-feed.ts";

/** As EventSource has them. */
const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;
/** Until the server says another with `retry`. */
const RETRY_MILLIS = 3000;
/** An event beyond this is none of this protocol. */
const EVENT_CHARS_MAX = 2 ** 26;

export interface FetchEventsOptions {
  /** Asked before each request, for example for `Authorization`. */
  headers?: () => Record<string, string> | Promise<Record<string, string>>;
  fetch?: typeof fetch;
}

/**
 * Server-sent events by `fetch`: for where headers are needed, which EventSource can't send, and for Node. Like EventSource it connects again
 * with `Last-Event-ID` when a stream ends, and gives up at an answer that is no stream.
 */
export function fetchEvents(options: FetchEventsOptions = {}): (url: string) => Events {
  return (url) => new FetchEvents(url, options);
}

type Listener = (event: { data: string }) => void;

class FetchEvents implements Events {
  readyState = CONNECTING;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  private readonly url: string;
  private readonly options: FetchEventsOptions;
  private readonly listeners = new Map<string, Listener[]>();
  private readonly abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private retryMillis = RETRY_MILLIS;
  private lastId = "";

  constructor(url: string, options: FetchEventsOptions) {
    this.url = url;
    this.options = options;
    void this.run();
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.readyState = CLOSED;
    clearTimeout(this.timer);
    this.abort.abort();
  }

  private get closed(): boolean {
    return this.readyState === CLOSED;
  }

  private async run(): Promise<void> {
    try {
      const body = await this.request();
      if (body !== undefined) await this.read(body);
    } catch {
      // A cut, like the end of the stream: tried again below.
    }
    if (this.closed) return;
    this.readyState = CONNECTING;
    this.timer = setTimeout(() => void this.run(), this.retryMillis);
    this.onerror?.();
  }

  private async request(): Promise<ReadableStream<Uint8Array> | undefined> {
    const headers = { ...(await this.options.headers?.()), accept: "text/event-stream" };
    const response = await (this.options.fetch ?? fetch)(this.url, {
      headers: this.lastId === "" ? headers : { ...headers, "last-event-id": this.lastId },
      cache: "no-store",
      signal: this.abort.signal,
    });
    if (this.closed) return undefined;
    const isStream = response.ok && (response.headers.get("content-type") ?? "").startsWith("text/event-stream");
    if (isStream && response.body !== null) {
      this.readyState = OPEN;
      this.onopen?.();
      return response.body;
    }
    this.close();
    this.onerror?.();
    return undefined;
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const events = new EventParser();
    for (;;) {
      const { value, done } = await reader.read();
      if (done || this.closed) return;
      for (const { type, data, id, retryMillis } of events.push(decoder.decode(value, { stream: true }))) {
        if (retryMillis !== undefined) this.retryMillis = retryMillis;
        if (id !== undefined) this.lastId = id;
        if (data === undefined) continue;
        for (const listener of this.listeners.get(type) ?? []) listener({ data });
        if (this.closed) return;
      }
    }
  }
}

interface ParsedEvent {
  type: string;
  data: string | undefined;
  id: string | undefined;
  retryMillis: number | undefined;
}

/** The event stream format of the HTML standard. */
class EventParser {
  private rest = "";
  private event = emptyEvent();

  push(text: string): ParsedEvent[] {
    const events: ParsedEvent[] = [];
    this.rest += text;
    if (this.rest.length + (this.event.data?.length ?? 0) > EVENT_CHARS_MAX) throw new RangeError(`an event was larger than ${EVENT_CHARS_MAX} characters`);
    // A carriage return at the end may be the first half of a line end.
    const whole = this.rest.endsWith("\r") ? this.rest.slice(0, -1) : this.rest;
    const lines = whole.split(/\r\n|\n|\r/);
    this.rest = lines.pop()! + this.rest.slice(whole.length);
    for (const line of lines) {
      if (line !== "") this.field(line);
      else {
        events.push(this.event);
        this.event = emptyEvent();
      }
    }
    return events;
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "event") this.event.type = value === "" ? "message" : value;
    else if (name === "data") this.event.data = this.event.data === undefined ? value : `${this.event.data}\n${value}`;
    else if (name === "id" && !value.includes("\0")) this.event.id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.event.retryMillis = Number(value);
  }
}

function emptyEvent(): ParsedEvent {
  return { type: "message", data: undefined, id: undefined, retryMillis: undefined };
}
