package io.tsdash.transport;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;

/**
 * How a client would like an answer (RFC 9110 sections 12.5.3 and 13.1.2).
 *
 * @param gzip whether it takes gzip
 * @param tags those of the answers that it has, without the mark of weak ones; {@code *} for any
 */
record Wishes(boolean gzip, List<String> tags) {

    /**
     * Reads the headers of a request.
     *
     * @param compression whether gzip can be given
     */
    static Wishes of(HttpHeaders headers, boolean compression) {
        return new Wishes(
                compression && takesGzip(String.join(",", headers.getAll(HttpHeaderNames.ACCEPT_ENCODING))),
                List.of(String.join(",", headers.getAll(HttpHeaderNames.IF_NONE_MATCH))
                                .split(",", -1))
                        .stream()
                        .map(each -> strong(each.trim()))
                        .toList());
    }

    /** Returns whether the client has the answer with this tag; both may be weak. */
    boolean has(String tag) {
        return tags.contains(strong(tag)) || tags.contains("*");
    }

    private static String strong(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }

    private static boolean takesGzip(String header) {
        boolean any = false;
        for (String each : header.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = each.split(";", -1);
            String coding = parts[0].trim();
            boolean taken = parts.length < 2 || !parts[1].replace(" ", "").matches("q=0(\\.0*)?");
            if (coding.equals("gzip") || coding.equals("x-gzip")) {
                return taken;
            }
            any |= coding.equals("*") && taken;
        }
        return any;
    }
}
