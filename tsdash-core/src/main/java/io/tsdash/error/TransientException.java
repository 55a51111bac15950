package io.tsdash.error;

/** The call failed for a reason that may pass: the same call, later, can succeed. */
public non-sealed class TransientException extends TsdashException {
    private static final long serialVersionUID = 1;

    /** @param message what failed, where, and what the state was */
    public TransientException(String message) {
        super(message);
    }

    /**
     * @param message what failed, where, and what the state was
     * @param cause what the layer below reported
     */
    public TransientException(String message, Throwable cause) {
        super(message, cause);
    }
}
