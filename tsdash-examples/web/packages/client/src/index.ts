export { binaryCodec } from "./binary/binary-codec.ts";
export { covers, keyFieldOf } from "./channels.ts";
export { checksumOf } from "./checksum.ts";
export { FrameError, jsonCodec, type FrameDecoder, type MessageCodec } from "./codec.ts";
export { systemEnvironment, type Environment, type Socket, type SocketClass } from "./environment.ts";
export { EventFeed, type EventFeedState, type Events } from "./event-feed.ts";
export { Feed, type FeedListener, type FeedOptions } from "./feed.ts";
export { fetchEvents, type FetchEventsOptions } from "./fetch-events.ts";
export { animationFrames, everyMillis, FrameBuffer, type FrameSource } from "./frame-buffer.ts";
export type { FeedHealth, FeedState } from "./health.ts";
export * from "./protocol.ts";
export { Replica, type ChannelChange } from "./replica.ts";
export {
  RequestFailed,
  Rest,
  type HistoricalBar,
  type Problem,
  type ProfileLevel,
  type Range,
  type RestOptions,
  type RollingPoint,
} from "./rest.ts";
export type { ChannelListener, Refusal } from "./subscriptions.ts";
export { compareNanos, millisToNanos, nanosToMillis, nanosToSeconds } from "./time.ts";
