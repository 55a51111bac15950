/**
 * Keeps the newest value of each key until the next animation frame and then hands them over at once, so that a page paints at most once a
 * frame however fast the data comes. Bounded by the number of keys; values that a newer one replaced before they were painted are counted.
 */
export class FrameBuffer<K, V> {
  private pending = new Map<K, V>();
  private requested: number | undefined;
  private replacedCount = 0;
  private readonly paint: (changes: ReadonlyMap<K, V>) => void;
  private readonly frames: FrameSource;

  constructor(paint: (changes: ReadonlyMap<K, V>) => void, frames: FrameSource = browserFrames()) {
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
    this.requested ??= this.frames.request(() => this.flush());
  }

  /** Drops what is pending; nothing is painted after this until the next put. */
  clear(): void {
    if (this.requested !== undefined) this.frames.cancel(this.requested);
    this.requested = undefined;
    this.pending = new Map();
  }

  private flush(): void {
    this.requested = undefined;
    const changes = this.pending;
    this.pending = new Map();
    this.paint(changes);
  }
}

/** Where animation frames come from; tests pass their own. */
export interface FrameSource {
  request(callback: () => void): number;
  cancel(handle: number): void;
}

function browserFrames(): FrameSource {
  return {
    request: (callback) => requestAnimationFrame(callback),
    cancel: (handle) => cancelAnimationFrame(handle),
  };
}
