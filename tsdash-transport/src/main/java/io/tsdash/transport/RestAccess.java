package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.WireCode;

/** Which permission each REST call needs: {@code docs/protocol.md} section 8. */
final class RestAccess {
    private RestAccess() {}

    /** @throws ProblemException if the call is not permitted */
    static void check(Query query, Permissions permissions) {
        String symbol = query.text("symbol").orElse("");
        String needed = switch (query.path()) {
            case "/historical/bars", "/aggregates/bars" ->
                "bars:" + query.text("interval").orElse("") + ":" + symbol;
            case "/latest" -> symbol.isEmpty() ? "" : "prices:" + symbol;
            case "/symbols" -> "";
            default -> "trades:" + symbol;
        };
        // What shows many symbols leaves out those that are not permitted.
        if (!needed.isEmpty() && !permissions.cover(needed)) {
            throw new ProblemException(
                    HttpResponseStatus.FORBIDDEN,
                    WireCode.FORBIDDEN,
                    "the call needs the permission '" + needed + "' but there are: " + permissions);
        }
    }
}
