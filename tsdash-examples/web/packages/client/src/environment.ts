/** What a feed needs of the world; tests pass a scripted one. */
export interface Environment {
  openSocket(url: string, protocol: string): Socket;
  /** Runs `task` once after `millis`; the result cancels it. */
  after(millis: number, task: () => void): () => void;
  nowMillis(): number;
  random(): number;
}

/** The part of a browser's WebSocket that a feed uses. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

export function browserEnvironment(): Environment {
  return {
    openSocket: (url, protocol) => new WebSocket(url, protocol) as unknown as Socket,
    after: (millis, task) => {
      const timer = setTimeout(task, millis);
      return () => clearTimeout(timer);
    },
    // Monotonic: a clock that is set back must not keep a dead connection alive.
    nowMillis: () => performance.now(),
    random: Math.random,
  };
}
