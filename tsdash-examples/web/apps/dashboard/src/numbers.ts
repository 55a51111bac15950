/** More digits than this do not fit a column, and nobody reads them; two decimals are always shown. */
const DIGITS_MAX = 8;
/** Digits beyond are what floating point left over (0.1 + 0.2). */
const EXACT_DIGITS = 12;

/** How many decimals a number has, as far as they are worth showing. */
export function decimalsOf(value: number): number {
  if (!Number.isFinite(value)) return 0;
  const [mantissa = "", exponent = "0"] = String(Number(value.toPrecision(EXACT_DIGITS))).split("e");
  const fraction = mantissa.split(".")[1]?.length ?? 0;
  const whole = Math.max(0, Math.floor(Math.log10(Math.abs(value))) + 1);
  return Math.max(0, Math.min(fraction - Number(exponent), Math.max(2, DIGITS_MAX - whole)));
}

const formats = new Map<number, Intl.NumberFormat>();

/** A price with the decimals of its symbol, or a dash when it is not known. */
export function formatPrice(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined) return "–";
  let format = formats.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, format);
  }
  return format.format(value);
}

/** Class of a change: none where it rounds to zero. */
export function directionOf(percent: number | undefined): "up" | "down" | "" {
  if (percent === undefined || !(Math.abs(percent) >= 0.005)) return "";
  return percent > 0 ? "up" : "down";
}

/** A percentage with its sign; the minus is the real one, as wide as the plus. */
export function formatPercent(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(2);
  return text === "0.00" ? text : `${value > 0 ? "+" : "−"}${text}`;
}

const largeVolumes = new Intl.NumberFormat("en-US", {
  notation: "compact",
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const smallVolumes = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });
const sizes = new Intl.NumberFormat("en-US", { maximumFractionDigits: DIGITS_MAX });

/** A volume that is added up, short. */
export function formatVolume(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return (value >= 1000 ? largeVolumes : smallVolumes).format(value);
}

/** The size of one trade or quote, in full. */
export function formatSize(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : sizes.format(value);
}

export function formatCount(value: number): string {
  return value.toLocaleString("en-US");
}

/** The next 1, 2 or 5 times a power of ten that is not below `value`. */
export function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(12));
}
