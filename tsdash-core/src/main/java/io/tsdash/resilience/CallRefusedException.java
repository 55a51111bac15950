package io.tsdash.resilience;

import io.tsdash.error.TransientException;

/** A guard did not let a call through: nothing was called. Expected, so without a stack trace. */
public final class CallRefusedException extends TransientException {
    private static final long serialVersionUID = 1;

    /** @param message which guard, and why */
    public CallRefusedException(String message) {
        super(message);
    }

    /** Keeps none: it would cost more than the call. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
