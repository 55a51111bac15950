import type { Environment, Socket } from "../src/index.ts";

/** One connection of a scripted server: records commands and sends what the test says. */
export class ScriptedSocket implements Socket {
  binaryType = "blob";
  onerror: ((event: never) => void) | null = null;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly commands: Record<string, any>[] = [];
  closed = false;
  private readonly encode: (messages: unknown[]) => unknown;

  constructor(encode: (messages: unknown[]) => unknown = JSON.stringify) {
    this.encode = encode;
  }

  send(text: string): void {
    this.commands.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  deliver(...messages: unknown[]): void {
    this.onmessage?.({ data: this.encode(messages) });
  }

  hello(heartbeatMillis = 1000): void {
    this.deliver({ type: "hello", protocol: "tsdash.v1.json", session: "s", heartbeatMillis });
  }

  /** Answers each subscribe command so far. */
  acknowledge(): void {
    for (const { op, id, channels } of this.commands) {
      if (op === "subscribe") this.deliver({ type: "subscribed", id, channels });
    }
  }

  snapshot(channel: string, seq: number, rows: unknown[], reason = "SUBSCRIBED", epoch = "e1"): void {
    this.deliver({ type: "snapshot", channel, epoch, seq, reason, rows });
  }

  delta(channel: string, prev: number, seq: number, rows: unknown[]): void {
    this.deliver({ type: "delta", channel, prev, seq, rows });
  }

  cut(code = 1006, reason = ""): void {
    this.onclose?.({ code, reason });
  }

  subscribes(): Record<string, any>[] {
    return this.commands.filter(({ op }) => op === "subscribe");
  }
}

/** A world with a clock that stands still until the test moves it. */
export class ScriptedWorld implements Environment {
  readonly sockets: ScriptedSocket[] = [];
  encode: ((messages: unknown[]) => unknown) | undefined;
  private now = 0;
  private timers: { due: number; task: () => void }[] = [];

  get socket(): ScriptedSocket {
    return this.sockets.at(-1)!;
  }

  openSocket(): Socket {
    this.sockets.push(new ScriptedSocket(this.encode));
    return this.socket;
  }

  after(millis: number, task: () => void): () => void {
    const timer = { due: this.now + millis, task };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  nowMillis(): number {
    return this.now;
  }

  wallMillis(): number {
    return this.now + 1_700_000_000_000;
  }

  random(): number {
    return 1;
  }

  advance(millis: number): void {
    const end = this.now + millis;
    for (;;) {
      const next = this.timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.due);
      next.task();
    }
    this.now = end;
  }
}
