package io.tsdash.orders;

import io.tsdash.error.InvalidInputException;

/**
 * The name of an order, given before anyone has answered; so a command can be said again without being done again.
 *
 * @param user whose order it is; 1 to 128 characters without control characters
 * @param clientOrderId chosen by the user's program; 1 to 64 characters from '!' to '~'
 */
public record OrderKey(String user, String clientOrderId) {
    private static final int USER_LENGTH_MAX = 128;
    private static final int ID_LENGTH_MAX = 64;

    /** @throws InvalidInputException if a value breaks its rule; the message names value and rule */
    public OrderKey {
        checkUser(user);
        checkClientOrderId(clientOrderId);
    }

    static void checkUser(String user) {
        checkText("user", user, USER_LENGTH_MAX);
    }

    /**
     * Checks a name that a client chose.
     *
     * @throws InvalidInputException if it breaks its rule
     */
    public static void checkClientOrderId(String id) {
        boolean holds = !id.isEmpty() && id.length() <= ID_LENGTH_MAX;
        for (int i = 0; holds && i < id.length(); i++) {
            holds = id.charAt(i) >= '!' && id.charAt(i) <= '~';
        }
        if (!holds) {
            throw InvalidInputException.of(
                    "clientOrderId", shown(id), "must have 1 to " + ID_LENGTH_MAX + " characters from '!' to '~'");
        }
    }

    static void checkText(String what, String text, int lengthMax) {
        if (text.isEmpty()
                || text.length() > lengthMax
                || text.chars().anyMatch(character -> Character.isISOControl(character))) {
            throw InvalidInputException.of(
                    what, shown(text), "must have 1 to " + lengthMax + " characters, none of them a control character");
        }
    }

    private static String shown(String text) {
        String shorter = text.length() > USER_LENGTH_MAX ? text.substring(0, USER_LENGTH_MAX) + "…" : text;
        return shorter.replaceAll("\\p{Cntrl}", "?");
    }
}
