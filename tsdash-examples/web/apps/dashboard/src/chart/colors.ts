/** Colours of the chart, taken from the style sheet so that they are written down once. */
export interface ChartColors {
  text: string;
  line: string;
  panel: string;
  up: string;
  down: string;
  upVolume: string;
  downVolume: string;
  profile: string;
  profilePeak: string;
  crosshair: string;
}

export function readColors(element: Element): ChartColors {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim() || "#888888";
  return {
    text: read("--muted"),
    line: read("--grid"),
    panel: read("--panel"),
    up: read("--up-fill"),
    down: read("--down-fill"),
    upVolume: read("--up-volume"),
    downVolume: read("--down-volume"),
    profile: read("--profile"),
    profilePeak: read("--profile-peak"),
    crosshair: read("--crosshair"),
  };
}
