import type { Rest } from "@tsdash/client";
import type { PreferenceStore } from "./preferences.ts";

interface Watchlist {
  symbols?: unknown;
}

const NAME = "watchlist";
const PAUSE_MILLIS = 500;

/**
 * Keeps the pinned symbols with the server, so that they are there in the user's next browser too. A server that keeps none,
 * or is away, changes nothing: they are in this browser all the same.
 */
export async function keepWatchlist(rest: Rest, preferences: PreferenceStore, pauseMillis = PAUSE_MILLIS): Promise<void> {
  let saved = preferences.current.get().pinned;
  try {
    const symbols = (await rest.kept<Watchlist>(NAME))?.symbols;
    // What was pinned while the answer was on its way is newer than the answer.
    if (Array.isArray(symbols) && saved === preferences.current.get().pinned) {
      saved = symbols.filter((symbol) => typeof symbol === "string");
      preferences.change({ pinned: saved });
    }
  } catch {
    // Tried again with the next change.
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  preferences.current.subscribe(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { pinned } = preferences.current.get();
      if (pinned === saved) return;
      rest.keep(NAME, { symbols: pinned }).then(
        () => (saved = pinned),
        () => undefined,
      );
    }, pauseMillis);
  });
}
