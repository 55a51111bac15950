package io.tsdash.error;

/** Base of all that tsdash throws on purpose. The subtype says whether trying the same call again can help. */
public abstract sealed class TsdashException extends RuntimeException permits TransientException, PermanentException {
    private static final long serialVersionUID = 1;

    TsdashException(String message) {
        super(message);
    }

    TsdashException(String message, Throwable cause) {
        super(message, cause);
    }
}
