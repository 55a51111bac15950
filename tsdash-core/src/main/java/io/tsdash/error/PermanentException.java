package io.tsdash.error;

/** The call failed for a reason that stays: the same call will fail again. */
public non-sealed class PermanentException extends TsdashException {
    private static final long serialVersionUID = 1;

    /** @param message what failed, where, and the rule */
    public PermanentException(String message) {
        super(message);
    }

    /**
     * @param message what failed, where, and the rule
     * @param cause what the layer below reported
     */
    public PermanentException(String message, Throwable cause) {
        super(message, cause);
    }
}
