package io.tsdash.source;

/**
 * How far a replay is.
 *
 * @param events trades and quotes delivered
 * @param refused rows left out
 * @param bytesRead bytes of the files that were read, as they lie on disk
 * @param bytesTotal size of the files
 */
public record ReplayProgress(long events, long refused, long bytesRead, long bytesTotal) {}
