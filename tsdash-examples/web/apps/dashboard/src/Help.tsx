import { useEffect, useRef, type KeyboardEvent } from "react";

const KEYS: readonly (readonly [string, string])[] = [
  ["↑ ↓ or k j", "symbol above, below"],
  ["Home End", "first, last symbol"],
  ["/", "filter the watch-list; Enter opens the first match"],
  ["1 2 3 4 5", "interval 1s, 1m, 5m, 15m, 1h"],
  ["s", "pin the symbol to the top, or unpin it"],
  ["p", "volume profile on or off"],
  ["t", "colours: auto, light, dark"],
  ["?", "this help"],
  ["Esc", "close, clear the filter"],
];

const MEANINGS: readonly (readonly [string, string])[] = [
  ["stale", "Old: the connection or a feed is not live. Values stay in sight with the time they are from."],
  ["gap", "A sequence number was missing. The page asks for what it missed and says how often that happened."],
  ["late", "A trade that came behind a newer one of its symbol. Within the lateness bound it counts, and revises a bar that had closed."],
  ["revised", "A closed bar that changed because of a late, corrected or cancelled trade."],
  ["conflated", "Values never sent because a newer one replaced them. Trades are never conflated."],
];

/** Tab goes round within the dialog. */
function keepFocusInside(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "Tab") return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("a, button")];
  const at = stops.indexOf(document.activeElement as HTMLElement) + (event.shiftKey ? -1 : 1);
  stops[(at + stops.length) % stops.length]?.focus();
  event.preventDefault();
}

export function Help({ onClose }: { onClose(): void }) {
  const close = useRef<HTMLButtonElement>(null);
  // Back to where the keyboard was.
  useEffect(() => {
    const before = document.activeElement;
    close.current?.focus();
    return () => (before as HTMLElement | null)?.focus?.();
  }, []);
  return (
    <div className="veil" onClick={onClose}>
      <div
        className="help"
        role="dialog"
        aria-modal="true"
        aria-labelledby="help-title"
        onClick={(event) => event.stopPropagation()}
        onKeyDown={keepFocusInside}
      >
        <h2 id="help-title">Keys</h2>
        <dl>
          {KEYS.map(([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <h2>Words</h2>
        <dl>
          {MEANINGS.map(([word, meaning]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <p className="quiet">
          Chart: TradingView Lightweight Charts, Copyright © 2023 TradingView, Inc.{" "}
          <a href="https://www.tradingview.com/">tradingview.com</a>.{" "}
          <a href="./third-party-licenses.txt">Licences of what this page is built with</a>.
        </p>
        <button type="button" ref={close} onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  );
}
