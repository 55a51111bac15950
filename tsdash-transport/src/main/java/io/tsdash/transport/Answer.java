package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** A whole HTTP answer. Used once; the body is not copied. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Answer(HttpResponseStatus status, String contentType, byte[] body, Map<String, String> headers) {

    Answer(HttpResponseStatus status, String contentType, byte[] body) {
        this(status, contentType, body, Map.of("cache-control", "no-store"));
    }

    /** Returns the same with more header fields. */
    Answer with(Map<String, String> more) {
        if (more.isEmpty()) {
            return this;
        }
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Answer(status, contentType, body, all);
    }

    /** Returns an answer that may be kept by whoever asks again each time whether it still holds. */
    static Answer json(byte[] body) {
        return new Answer(HttpResponseStatus.OK, "application/json", body, Map.of("cache-control", "no-cache"));
    }
}
