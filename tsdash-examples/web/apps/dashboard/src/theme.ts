import { useLayoutEffect, useSyncExternalStore } from "react";
import type { Theme } from "./preferences.ts";

export type ShownTheme = "light" | "dark";

const darkWanted = () => window.matchMedia("(prefers-color-scheme: dark)");

/** The theme to show, by choice or as the system has it, and set on the document. */
export function useShownTheme(theme: Theme): ShownTheme {
  const systemDark = useSyncExternalStore(
    (listener) => {
      const query = darkWanted();
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => darkWanted().matches,
  );
  const shown: ShownTheme = theme === "system" ? (systemDark ? "dark" : "light") : theme;
  // Before the effects of the chart, which reads its colours from the document.
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = shown;
  }, [shown]);
  return shown;
}
