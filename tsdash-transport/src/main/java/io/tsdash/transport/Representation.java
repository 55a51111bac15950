package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An answer that may be known already or sent smaller: its tag tells whether it is what the client has, and a body that
 * is worth it is there in gzip too. Tags are weak, since both bodies have the same. Thread-safe.
 */
final class Representation {
    /** A smaller one fits into one packet as it is. */
    private static final int WORTHWHILE_BYTES = 1_024;

    private static final int TAG_BYTES = 12;

    private final Answer answer;
    private final String tag;
    private final boolean compressible;
    private volatile byte @Nullable [] gzipped;

    /** @param answer an answer that may be kept by whoever asks again whether it still holds */
    Representation(Answer answer) {
        this.answer = answer;
        this.tag = "W/\"" + HexFormat.of().formatHex(digest(answer.body()), 0, TAG_BYTES) + '"';
        this.compressible = answer.body().length >= WORTHWHILE_BYTES && isText(answer.contentType());
    }

    /** Returns the answer as this client would like it. */
    Answer as(Wishes wishes) {
        Map<String, String> headers = new LinkedHashMap<>(answer.headers());
        headers.put("etag", tag);
        headers.put("vary", "accept-encoding");
        if (wishes.has(tag)) {
            return new Answer(HttpResponseStatus.NOT_MODIFIED, answer.contentType(), new byte[0], headers);
        }
        if (!wishes.gzip() || !compressible) {
            return new Answer(answer.status(), answer.contentType(), answer.body(), headers);
        }
        headers.put("content-encoding", "gzip");
        return new Answer(answer.status(), answer.contentType(), gzipped(), headers);
    }

    private byte[] gzipped() {
        byte[] known = gzipped;
        if (known == null) {
            known = gzip(answer.body());
            gzipped = known;
        }
        return known;
    }

    private static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2);
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static boolean isText(String contentType) {
        return contentType.startsWith("text/")
                || contentType.startsWith("application/json")
                || contentType.endsWith("+json")
                || contentType.endsWith("+xml")
                || contentType.equals("application/wasm");
    }

    private static byte[] digest(byte[] body) {
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(body), TAG_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
