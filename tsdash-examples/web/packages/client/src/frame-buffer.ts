/**
 * Keeps the newest value of each key until the next animation frame, or for a fixed time, and then hands them over at once, so that a page
 * paints at most once a frame however fast the data comes. Bounded by the number of keys; values that a newer one replaced before they were painted are counted.
 */
export class FrameBuffer<K, V> {
  private pending = new Map<K, V>();
  private cancelRequest: (() => void) | undefined;
  private replacedCount = 0;
  private readonly paint: (changes: ReadonlyMap<K, V>) => void;
  private readonly frames: FrameSource;

  constructor(paint: (changes: ReadonlyMap<K, V>) => void, frames: FrameSource = animationFrames()) {
    this.paint = paint;
    this.frames = frames;
  }

  /** How many values were never painted because a newer one of the same key came first. */
  get replaced(): number {
    return this.replacedCount;
  }

  /** How many keys wait for the next frame; none come while the page is hidden. */
  get size(): number {
    return this.pending.size;
  }

  put(key: K, value: V): void {
    if (this.pending.has(key)) this.replacedCount++;
    this.pending.set(key, value);
    this.cancelRequest ??= this.frames.request(() => this.flush());
  }

  /** Drops what is pending; nothing is painted after this until the next put. */
  clear(): void {
    this.cancelRequest?.();
    this.cancelRequest = undefined;
    this.pending = new Map();
  }

  private flush(): void {
    this.cancelRequest = undefined;
    const changes = this.pending;
    this.pending = new Map();
    this.paint(changes);
  }
}

/** When to paint; tests pass their own. */
export interface FrameSource {
  /** Calls back once, when it is time; the result cancels that. */
  request(callback: () => void): () => void;
}

/** With the browser's next animation frame: never while the page is hidden. */
export function animationFrames(): FrameSource {
  return {
    request(callback) {
      const handle = requestAnimationFrame(callback);
      return () => cancelAnimationFrame(handle);
    },
  };
}

/** So many milliseconds after the first value, hidden or not, in browsers and in Node. */
export function everyMillis(millis: number): FrameSource {
  return {
    request(callback) {
      const timer = setTimeout(callback, millis);
      return () => clearTimeout(timer);
    },
  };
}
