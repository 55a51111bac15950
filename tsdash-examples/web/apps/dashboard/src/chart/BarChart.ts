import { nanosToSeconds, type BarRow } from "@tsdash/client";
import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  HistogramSeries,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from "lightweight-charts";
import type { SeriesChange } from "../bar-series.ts";
import { decimalsOf, formatPrice } from "../numbers.ts";
import { type ChartColors } from "./colors.ts";
import { ProfilePrimitive, type Profile } from "./profile-primitive.ts";

/** Bars in sight when a chart is opened, and the empty ones to the right of the newest. */
const BARS_IN_SIGHT = 120;
const BARS_AHEAD = 8;
/** With fewer bars than this left of the visible ones, older history is wanted. */
const OLDER_WANTED_AT = 30;

/** The drawing of bars, volume and volume profile; knows nothing of where they come from. */
export class BarChart {
  private readonly chart: IChartApi;
  private readonly bars: ISeriesApi<"Candlestick">;
  private readonly volume: ISeriesApi<"Histogram">;
  private readonly profile = new ProfilePrimitive();
  private colors: ChartColors;
  private decimals = -1;
  private fitted = false;

  constructor(
    box: HTMLElement,
    colors: ChartColors,
    onOlderWanted: () => void,
    onPointed: (seconds: number | undefined) => void,
  ) {
    this.colors = colors;
    this.chart = createChart(box, {
      autoSize: true,
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: { timeVisible: true, secondsVisible: true, rightOffset: BARS_AHEAD, borderVisible: false },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.1, bottom: 0.22 } },
      localization: { locale: "en-GB" },
    });
    this.bars = this.chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    this.bars.attachPrimitive(this.profile);
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (this.fitted && range !== null && range.from < OLDER_WANTED_AT) onOlderWanted();
    });
    this.chart.subscribeCrosshairMove(({ time }) => onPointed(typeof time === "number" ? time : undefined));
    this.recolor(colors);
  }

  show(change: SeriesChange, all: readonly BarRow[]): void {
    if (change.kind === "none") return;
    this.learnDecimals(change.kind === "bar" ? [change.bar] : all);
    if (change.kind === "bar") {
      this.bars.update(this.barPoint(change.bar), !change.last);
      this.volume.update(this.volumePoint(change.bar), !change.last);
      return;
    }
    this.bars.setData(all.map((bar) => this.barPoint(bar)));
    this.volume.setData(all.map((bar) => this.volumePoint(bar)));
    if (!this.fitted && all.length > 0) {
      this.fitted = true;
      this.chart.timeScale().setVisibleLogicalRange({ from: all.length - BARS_IN_SIGHT, to: all.length + BARS_AHEAD });
    }
  }

  showProfile(profile: Profile): void {
    this.profile.show(profile);
  }

  recolor(colors: ChartColors, all: readonly BarRow[] = []): void {
    this.colors = colors;
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: colors.panel },
        textColor: colors.text,
        fontFamily: "inherit",
        fontSize: 11,
      },
      grid: { vertLines: { color: colors.line }, horzLines: { color: colors.line } },
      crosshair: {
        vertLine: { color: colors.crosshair, labelBackgroundColor: colors.crosshair },
        horzLine: { color: colors.crosshair, labelBackgroundColor: colors.crosshair },
      },
    });
    this.bars.applyOptions({
      upColor: colors.up,
      downColor: colors.down,
      wickUpColor: colors.up,
      wickDownColor: colors.down,
    });
    this.volume.setData(all.map((bar) => this.volumePoint(bar)));
    this.profile.color(colors.profile, colors.profilePeak);
  }

  toNewest(): void {
    this.chart.timeScale().scrollToRealTime();
  }

  close(): void {
    this.chart.remove();
  }

  private learnDecimals(bars: readonly BarRow[]): void {
    let most = this.decimals;
    for (const { open, high, low, close } of bars) {
      most = Math.max(most, decimalsOf(open), decimalsOf(high), decimalsOf(low), decimalsOf(close));
    }
    if (most === this.decimals) return;
    this.decimals = most;
    this.bars.applyOptions({
      priceFormat: { type: "custom", minMove: 10 ** -most, formatter: (price: number) => formatPrice(price, most) },
    });
  }

  private barPoint({ openTime, open, high, low, close }: BarRow) {
    return { time: nanosToSeconds(openTime) as UTCTimestamp, open, high, low, close };
  }

  private volumePoint({ openTime, open, close, volume }: BarRow) {
    return {
      time: nanosToSeconds(openTime) as UTCTimestamp,
      value: volume,
      color: close >= open ? this.colors.upVolume : this.colors.downVolume,
    };
  }
}
