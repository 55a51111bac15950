import type { Environment } from "./environment.ts";
import type { Authenticated, CommandError, ServerMessage } from "./protocol.ts";

/** A new token is fetched when a fifth of its life is left, or this long before its end if that is less. */
const RENEW_BEFORE_MILLIS = 60_000;
const RENEW_SOONEST_MILLIS = 1000;
/** A new connection with a new token helps against this code whatever its `retry` says. */
const TOKEN_REFUSED = 4401;

export interface AuthenticationHooks {
  /** Sends a command and returns its id. */
  send(command: Record<string, unknown>): number;
  onAuthenticated(): void;
  /** The first token of a connection could not be had or was refused. */
  onFailed(reason: string, retry: boolean): void;
}

/** Gives the server a token as the first command of each connection, and a new one before it expires. */
export class Authentication {
  private readonly token: () => Promise<string>;
  private readonly environment: Environment;
  private readonly hooks: AuthenticationHooks;
  /** +1 with each connection: a token that comes too late belongs to none. */
  private life = 0;
  private asked: number | undefined;
  private expiresMillis: number | undefined;
  private authenticated = false;
  private cancelTimer: () => void = () => {};

  constructor(token: () => Promise<string>, environment: Environment, hooks: AuthenticationHooks) {
    this.token = token;
    this.environment = environment;
    this.hooks = hooks;
  }

  /** A connection was greeted. */
  begin(): void {
    this.end();
    this.ask();
  }

  /** The connection is gone. */
  end(): void {
    this.life++;
    this.asked = undefined;
    this.expiresMillis = undefined;
    this.authenticated = false;
    this.cancelTimer();
  }

  /** Takes the answer to its own command; false for all other messages. */
  takes(message: ServerMessage): boolean {
    if (message.type === "authenticated") this.onAnswer(message);
    else if (message.type === "error" && message.id !== undefined && message.id === this.asked) this.onRefused(message);
    else return false;
    return true;
  }

  private ask(): void {
    const life = this.life;
    Promise.resolve()
      .then(this.token)
      .then(
        (token) => {
          if (life === this.life) this.asked = this.hooks.send({ op: "authenticate", token });
        },
        (failure: unknown) => {
          if (life === this.life) this.failed(`no token could be had: ${String(failure)}`, true);
        },
      );
  }

  private onAnswer(message: Authenticated): void {
    this.asked = undefined;
    this.expiresMillis = message.expires == null ? undefined : Number(BigInt(message.expires) / 1_000_000n);
    this.renewLater();
    if (this.authenticated) return;
    this.authenticated = true;
    this.hooks.onAuthenticated();
  }

  private onRefused(error: CommandError): void {
    this.asked = undefined;
    this.failed(error.message, error.code === TOKEN_REFUSED || error.retry === true);
  }

  /** While the old token still holds, another try is made; with its end the server closes the connection. */
  private failed(reason: string, retry: boolean): void {
    if (this.authenticated) this.renewLater();
    else this.hooks.onFailed(reason, retry);
  }

  private renewLater(): void {
    this.cancelTimer();
    if (this.expiresMillis === undefined) return;
    const leftMillis = this.expiresMillis - this.environment.wallMillis();
    const beforeMillis = Math.min(RENEW_BEFORE_MILLIS, leftMillis / 5);
    this.cancelTimer = this.environment.after(Math.max(RENEW_SOONEST_MILLIS, leftMillis - beforeMillis), () => this.ask());
  }
}
