package io.tsdash.resilience;

import io.tsdash.error.TransientException;

/** A call took longer than it may. It was interrupted or cancelled; what it did before that is not known. */
public final class CallTimeoutException extends TransientException {
    private static final long serialVersionUID = 1;

    /** @param message which call, and how long it may take */
    public CallTimeoutException(String message) {
        super(message);
    }
}
