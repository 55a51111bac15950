import { Authentication } from "./authentication.ts";
import type { Backoff } from "./backoff.ts";
import { FrameError, type FrameDecoder, type MessageCodec } from "./codec.ts";
import type { Environment, Socket } from "./environment.ts";
import type { HealthRecord } from "./health.ts";
import { CLOSE_CODES_WITHOUT_RETRY, type GoAway, type Hello, type ServerMessage } from "./protocol.ts";

/** The server says its own in `hello`; until then this stands. */
const HEARTBEAT_MILLIS = 5000;
/** So many heartbeats without a frame mean that the connection is dead (docs/protocol.md, section 3). */
const HEARTBEATS_UNTIL_DEAD = 3;

export interface ConnectionOwner {
  /** A connection is begun; returns the channels that are to be gone on with. */
  onOpening(): Iterable<string>;
  /** Commands may be sent. */
  onReady(): void;
  onMessage(message: ServerMessage): void;
  /** Once a heartbeat, while commands may be sent. */
  onHeartbeatTime(): void;
  /** A frame broke off or made no sense; the connection ends. `channel`, if any, can't be resumed. */
  onFault(reason: string, channel: string | undefined): void;
}

/** A connection to one address that is opened again whenever it is lost, until the server says that this is of no use. */
export class Connection {
  private readonly url: string;
  private readonly codec: MessageCodec;
  private readonly decoder: FrameDecoder;
  private readonly environment: Environment;
  private readonly backoff: Backoff;
  private readonly health: HealthRecord;
  private readonly owner: ConnectionOwner;
  private readonly authentication: Authentication | undefined;
  private socket: Socket | undefined;
  private ready = false;
  private greeted = false;
  /** Whether the connection before ended by a frame that made no sense: then being live alone proves nothing. */
  private faulty = false;
  private heartbeatMillis = HEARTBEAT_MILLIS;
  /** When the connection was begun or last heard of. */
  private lastSignMillis = 0;
  private nextCommand = 1;
  private cancelTimer: () => void = () => {};
  private cancelMove: () => void = () => {};

  constructor(
    url: string,
    codec: MessageCodec,
    environment: Environment,
    backoff: Backoff,
    health: HealthRecord,
    owner: ConnectionOwner,
    token: (() => Promise<string>) | undefined,
  ) {
    this.url = url;
    this.codec = codec;
    this.decoder = codec.newDecoder();
    this.environment = environment;
    this.backoff = backoff;
    this.health = health;
    this.owner = owner;
    if (token !== undefined) {
      this.authentication = new Authentication(token, environment, {
        send: (command) => this.send(command),
        onAuthenticated: () => this.becomeReady(),
        onFailed: (reason, retry) => (retry ? this.lost(reason) : this.fail(reason)),
      });
    }
  }

  /** Whether commands may be sent. */
  get isReady(): boolean {
    return this.ready;
  }

  /** How long a command may be without an answer. */
  get deadMillis(): number {
    return this.heartbeatMillis * HEARTBEATS_UNTIL_DEAD;
  }

  open(): void {
    this.cancelTimer();
    this.decoder.begin(this.owner.onOpening());
    this.lastSignMillis = this.environment.nowMillis();
    const socket = this.environment.openSocket(this.url, this.codec.subprotocol);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onmessage = ({ data }) => this.onFrame(socket, data);
    socket.onclose = ({ code, reason }) => this.onClosed(code, reason || `connection closed (${code})`);
    // A close follows; in Node an error that nobody listens to would end the process.
    socket.onerror = () => {};
    this.health.count("connections");
    this.watch();
  }

  /** Opens now instead of later, unless a connection is there or there will be none. */
  openNow(): void {
    const { state } = this.health.current;
    if (this.socket !== undefined || (state !== "stale" && state !== "connecting")) return;
    this.backoff.reset();
    this.open();
  }

  close(reason: string): void {
    this.drop();
    this.health.update({ state: "closed", reason });
  }

  send(command: Record<string, unknown>): number {
    const id = this.nextCommand++;
    this.socket?.send(JSON.stringify({ id, ...command }));
    return id;
  }

  /** All that was asked for is answered: what goes wrong from here on starts with a short wait again. */
  becameLive(): void {
    if (!this.faulty) this.backoff.reset();
  }

  /** It has been live for a while. */
  proved(): void {
    this.faulty = false;
    this.backoff.reset();
  }

  /** Looks once a heartbeat, and when the time is up, whether the server still gives signs of life. */
  private watch(): void {
    const leftMillis = this.lastSignMillis + this.deadMillis - this.environment.nowMillis();
    this.cancelTimer = this.environment.after(Math.min(this.heartbeatMillis, leftMillis), () => {
      const silentMillis = this.environment.nowMillis() - this.lastSignMillis;
      if (silentMillis >= this.deadMillis) {
        this.lost(`no sign of life for ${Math.round(silentMillis / 1000)} s`);
        return;
      }
      if (this.ready) this.owner.onHeartbeatTime();
      this.watch();
    });
  }

  private onFrame(socket: Socket, data: unknown): void {
    this.lastSignMillis = this.environment.nowMillis();
    this.health.frameCame(this.lastSignMillis);
    let fault: FrameError | undefined;
    let messages: ServerMessage[];
    try {
      messages = this.decoder.decode(data);
    } catch (failure) {
      if (!(failure instanceof FrameError)) throw failure;
      fault = failure;
      messages = failure.decoded;
    }
    for (const message of messages) {
      // Whoever hears a message may close.
      if (this.socket !== socket) return;
      this.onMessage(message);
    }
    if (fault === undefined || this.socket !== socket) return;
    this.faulty = true;
    this.health.count("malformed");
    this.owner.onFault(fault.message, fault.channel);
    this.lost(fault.message);
  }

  private onMessage(message: ServerMessage): void {
    if (message.type === "hello") this.onHello(message);
    else if (message.type === "goaway") this.onGoAway(message);
    else if (this.authentication?.takes(message) !== true) this.owner.onMessage(message);
  }

  private onHello(message: Hello): void {
    this.greeted = true;
    this.heartbeatMillis = message.heartbeatMillis > 0 ? message.heartbeatMillis : HEARTBEAT_MILLIS;
    this.cancelTimer();
    this.watch();
    if (this.authentication === undefined) this.becomeReady();
    else this.authentication.begin();
  }

  private becomeReady(): void {
    this.ready = this.greeted;
    this.owner.onReady();
  }

  private onGoAway({ afterMillis }: GoAway): void {
    this.cancelMove();
    this.cancelMove = this.environment.after(Math.max(0, afterMillis ?? 0), () => {
      // The server has spread its clients over time already: no wait is added.
      this.drop();
      this.health.update({ state: "stale", reason: "the server is being restarted" });
      this.open();
    });
  }

  private onClosed(code: number, reason: string): void {
    if (CLOSE_CODES_WITHOUT_RETRY.has(code)) this.fail(reason);
    else this.lost(reason);
  }

  private fail(reason: string): void {
    this.drop();
    this.health.update({ state: "failed", reason });
  }

  private lost(reason: string): void {
    this.drop();
    const state = this.health.current.lastFrameMillis === undefined ? "connecting" : "stale";
    this.health.update({ state, reason, roundTripMillis: undefined, queuedBytes: 0 });
    this.cancelTimer = this.environment.after(this.backoff.nextMillis(), () => this.open());
  }

  private drop(): void {
    this.cancelTimer();
    this.cancelMove();
    this.authentication?.end();
    this.greeted = false;
    this.ready = false;
    const socket = this.socket;
    this.socket = undefined;
    if (socket === undefined) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}
