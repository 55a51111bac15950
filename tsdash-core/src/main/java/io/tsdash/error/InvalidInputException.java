package io.tsdash.error;

/** A value from outside that breaks a rule; says what, where it stood, and the rule. */
public final class InvalidInputException extends PermanentException {
    private static final long serialVersionUID = 1;

    /** @param message what was wrong, where it stood, and the rule, in one sentence */
    public InvalidInputException(String message) {
        super(message);
    }

    /**
     * Says that a named value breaks a rule.
     *
     * @param what the name of the value, such as {@code price}
     * @param value the value as it came
     * @param rule the rule, worded to follow "but it", such as {@code must be finite}
     */
    public static InvalidInputException of(String what, Object value, String rule) {
        return new InvalidInputException(what + " was '" + value + "' but it " + rule);
    }
}
