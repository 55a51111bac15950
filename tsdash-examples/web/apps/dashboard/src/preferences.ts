import { Observable } from "./observable.ts";

export type Theme = "system" | "light" | "dark";
export type SortColumn = "symbol" | "price" | "change" | "bid" | "ask" | "volume";

export interface Preferences {
  theme: Theme;
  pinned: readonly string[];
  sort: { column: SortColumn; descending: boolean };
  profile: boolean;
}

const KEY = "tsdash.preferences";
const DEFAULTS: Preferences = {
  theme: "system",
  pinned: [],
  sort: { column: "symbol", descending: false },
  profile: true,
};

/** What a user has chosen, kept in the browser. Where storage is not allowed the choices last as long as the page. */
export class PreferenceStore {
  readonly current: Observable<Preferences>;
  private readonly storage: Pick<Storage, "getItem" | "setItem"> | undefined;

  constructor(storage: Pick<Storage, "getItem" | "setItem"> | undefined) {
    this.storage = storage;
    this.current = new Observable(read(storage));
  }

  change(change: Partial<Preferences>): void {
    const next = { ...this.current.get(), ...change };
    this.current.set(next);
    try {
      this.storage?.setItem(KEY, JSON.stringify(next));
    } catch {
      // Storage is full or forbidden: the choice still holds for this page.
    }
  }

  togglePinned(symbol: string): void {
    const { pinned } = this.current.get();
    this.change({ pinned: pinned.includes(symbol) ? pinned.filter((other) => other !== symbol) : [...pinned, symbol] });
  }
}

function read(storage: Pick<Storage, "getItem"> | undefined): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(storage?.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

export function browserStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
