package io.tsdash.examples.monitoring;

/**
 * What a receiver was told.
 *
 * @param receiver {@code pagerduty}, {@code slack} or {@code mail}
 * @param alert its name
 * @param firing false once it is over
 * @param text what people read
 * @param runbook what the notice links to
 */
record Notice(String receiver, String alert, boolean firing, String text, String runbook) {}
