package io.tsdash.source;

/** The row at hand breaks a rule; expected, so without a stack trace. */
final class RowRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RowRefusedException(String reason) {
        super(reason, null, false, false);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
