package io.tsdash.relay;

/**
 * How a node stands.
 *
 * @param node its name
 * @param leader whether it leads
 * @param term the number of its lease; 0 when it does not lead
 * @param loaded whether the copies are there
 * @param index the place in the log that the copies are at
 * @param lagMillis how old the newest entry was when it came
 * @param stale whether nothing has come for too long
 * @param problem what is wrong with the log, for people; empty for nothing
 */
public record RelayStatus(
        String node,
        boolean leader,
        long term,
        boolean loaded,
        long index,
        long lagMillis,
        boolean stale,
        String problem) {

    /** Returns it in words for people. */
    public String text() {
        String role = leader ? "leads, term " + term : "follows";
        return "server " + node + " " + role + (problem.isEmpty() ? "" : "; " + problem);
    }
}
