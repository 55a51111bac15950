package io.tsdash.distribution;

/**
 * Why a command is not done.
 *
 * @param code the number
 * @param message value and rule
 */
public record Refusal(WireCode code, String message) {}
