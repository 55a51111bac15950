import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { exposeDebugHook } from "./debug-hook.ts";
import { keepWatchlist } from "./kept-watchlist.ts";
import { Market } from "./market.ts";
import { PreferenceStore, browserStorage } from "./preferences.ts";
import "./styles.css";

const market = new Market(new URL(window.location.href));
const preferences = new PreferenceStore(browserStorage());
void keepWatchlist(market.rest, preferences);
exposeDebugHook(market);
window.addEventListener("online", () => market.reconnectNow());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") market.reconnectNow();
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App market={market} preferences={preferences} />
  </StrictMode>,
);
