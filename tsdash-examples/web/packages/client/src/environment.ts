/** What a feed needs of the world; tests pass a scripted one. */
export interface Environment {
  openSocket(url: string, protocol: string): Socket;
  /** Runs `task` once after `millis`; the result cancels it. */
  after(millis: number, task: () => void): () => void;
  /** Monotonic: a clock that is set back must not keep a dead connection alive. */
  nowMillis(): number;
  /** Milliseconds since 1970, for times that the server says. */
  wallMillis(): number;
  random(): number;
}

/** The part of a WebSocket that a feed uses; the browser's and those of Node have it. */
export interface Socket {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}

/** A class like the browser's WebSocket, such as that of the package `ws`. */
export type SocketClass = new (url: string, protocol: string) => unknown;

/** Timers longer than this would run at once. */
const TIMER_MILLIS_MAX = 2 ** 31 - 1;

/** @param socketClass needed where there is no WebSocket, as in Node 20 */
export function systemEnvironment(socketClass?: SocketClass): Environment {
  return {
    openSocket(url, protocol) {
      const Class = socketClass ?? (globalThis as { WebSocket?: SocketClass }).WebSocket;
      if (Class === undefined) throw new Error("there is no WebSocket here: pass one, such as that of the package ws, as the option webSocket");
      return new Class(url, protocol) as Socket;
    },
    after(millis, task) {
      const timer = setTimeout(task, Math.min(millis, TIMER_MILLIS_MAX));
      return () => clearTimeout(timer);
    },
    nowMillis: () => performance.now(),
    wallMillis: () => Date.now(),
    random: Math.random,
  };
}
