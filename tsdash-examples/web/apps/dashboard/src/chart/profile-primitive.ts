import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";
import type { ProfileLevel } from "@tsdash/client";

export interface Profile {
  step: number;
  levels: readonly ProfileLevel[];
}

/** The widest level takes this part of the pane. */
const WIDTH_PART = 0.16;

/** Draws volume by price as horizontal bars from the price axis inwards, behind the bars of the chart. */
export class ProfilePrimitive implements ISeriesPrimitive<Time> {
  private attachment: SeriesAttachedParameter<Time> | undefined;
  private profile: Profile = { step: 1, levels: [] };
  private colors = { level: "#888888", peak: "#888888" };
  private readonly views: readonly IPrimitivePaneView[] = [
    { zOrder: () => "bottom", renderer: () => this.renderer },
  ];
  private readonly renderer: IPrimitivePaneRenderer = {
    draw: (target) =>
      target.useBitmapCoordinateSpace(({ context, bitmapSize, verticalPixelRatio }) => {
        const series = this.attachment?.series;
        if (series === undefined) return;
        const most = this.profile.levels.reduce((max, level) => Math.max(max, level.volume), 0);
        if (most <= 0) return;
        for (const { price, volume } of this.profile.levels) {
          const bottom = series.priceToCoordinate(price);
          const top = series.priceToCoordinate(price + this.profile.step);
          if (bottom === null || top === null || volume <= 0) continue;
          const y = Math.round(top * verticalPixelRatio);
          const height = Math.max(1, Math.round(bottom * verticalPixelRatio) - y - 1);
          const width = Math.max(1, Math.round((volume / most) * WIDTH_PART * bitmapSize.width));
          context.fillStyle = volume === most ? this.colors.peak : this.colors.level;
          context.fillRect(bitmapSize.width - width, y, width, height);
        }
      }),
  };

  attached(attachment: SeriesAttachedParameter<Time>): void {
    this.attachment = attachment;
  }

  detached(): void {
    this.attachment = undefined;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  show(profile: Profile): void {
    this.profile = profile;
    this.attachment?.requestUpdate();
  }

  color(level: string, peak: string): void {
    this.colors = { level, peak };
    this.attachment?.requestUpdate();
  }
}
