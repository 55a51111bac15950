package io.tsdash.distribution;

/**
 * Who a session is, and what it may see.
 *
 * @param user whose private channels it gets; empty for a session whose client has not said who it is
 * @param permissions which channels it may subscribe to
 * @param limit how many subscriptions it may have
 */
public record Access(String user, Permissions permissions, SubscriptionLimit limit) {
    /** The user of a server that asks nobody who they are. */
    public static final String ANONYMOUS = "anonymous";

    /** Returns the access of a server that asks nobody who they are. */
    public static Access open() {
        return new Access(ANONYMOUS, Permissions.all(), subscriptions -> true);
    }

    /** Returns what to say about a channel that is not permitted. */
    public String forbidden(String channel) {
        String permitted = permissions.toString();
        return "channel was '" + channel + "' but one permission must cover all of it: "
                + (permitted.isEmpty() ? "there are none" : "there are " + permitted);
    }

    /** Returns the access of those who have not said yet who they are: none. */
    public static Access none() {
        return new Access("", Permissions.none(), subscriptions -> false);
    }
}
