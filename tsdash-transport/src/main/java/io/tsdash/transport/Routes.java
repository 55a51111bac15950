package io.tsdash.transport;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;

/** What requests are counted by: few values, whatever clients ask for. */
final class Routes {
    /** Files, and all that is not there. */
    static final String FILES = "/*";

    static final String OTHER_METHOD = "_OTHER";

    private static final Set<String> WHOLE = Set.of(
            "/stream",
            "/news",
            "/alerts",
            "/health",
            "/health/live",
            "/health/ready",
            "/openapi.json",
            OperatorRequests.PATH);
    private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.PUT);

    private Routes() {}

    /**
     * Returns the pattern that a request's path follows.
     *
     * @param pages paths of the server's own pages
     */
    static String pattern(String uri, Set<String> pages) {
        int end = uri.indexOf('?');
        String path = end < 0 ? uri : uri.substring(0, end);
        if (WHOLE.contains(path)
                || Protocol.SOCKETS.containsKey(path)
                || RestApi.serves(path)
                || pages.contains(path)) {
            return path;
        }
        return path.startsWith(UserRequests.PREFIX) ? UserRequests.PREFIX + "{name}" : FILES;
    }

    static String method(HttpMethod method) {
        return METHODS.contains(method) ? method.name() : OTHER_METHOD;
    }
}
