/** No value, or none that a difference can build on. */
export const NO_BASE = -1;
/** The scale of a double that is sent as its 8 bytes. */
export const RAW_DOUBLE = 63;

/** What the client keeps of a row, so that differences can be added to it. */
export class RowState {
  /** The value of the key field; undefined on a log and until it is known. */
  key: string | number | undefined;
  /** Mantissas that a Number holds exactly. */
  readonly mantissas: Float64Array;
  readonly scales: Int8Array;
  /** Mantissas beyond 2^53, which most rows have none of. */
  wides: (bigint | undefined)[] | undefined;
  /** On a log the whole row: the next one may leave out what stays as it is. */
  readonly values: unknown[];

  constructor(fields: number) {
    this.mantissas = new Float64Array(fields);
    this.scales = new Int8Array(fields).fill(NO_BASE);
    this.values = [];
  }

  clear(): void {
    this.key = undefined;
    this.scales.fill(NO_BASE);
    this.wides = undefined;
    this.values.length = 0;
  }

  mantissa(field: number): number | bigint {
    return this.wides?.[field] ?? this.mantissas[field]!;
  }

  setMantissa(field: number, mantissa: number | bigint, scale: number): void {
    this.scales[field] = scale;
    if (typeof mantissa === "number") {
      this.mantissas[field] = mantissa;
      if (this.wides !== undefined) this.wides[field] = undefined;
    } else {
      this.wides ??= [];
      this.wides[field] = mantissa;
    }
  }
}
