package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Files of a folder of the class path, kept in memory once they were read; so the memory is bounded by the folder.
 * Thread-safe.
 */
final class StaticFiles {
    /** Names only: no empty part, no part that begins with a dot, nothing that a file system could read otherwise. */
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_@+~-][A-Za-z0-9_@+~.-]*)+");

    /** A build tool puts a hash of the content into these names, so they never change. */
    private static final String HASHED = "/assets/";

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("map", "application/json"),
            Map.entry("webmanifest", "application/manifest+json"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("webp", "image/webp"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("wasm", "application/wasm"),
            Map.entry("txt", "text/plain; charset=utf-8"));

    private final ClassLoader loader;
    private final String folder;
    private final Map<String, Representation> files = new ConcurrentHashMap<>();

    /** @param folder such as {@code META-INF/resources/dashboard} */
    StaticFiles(ClassLoader loader, String folder) {
        this.loader = loader;
        this.folder = folder;
    }

    /** Returns the file at this path; {@code /} is {@code index.html}. */
    Representation find(String path) {
        String name = path.equals("/") ? "/index.html" : path;
        if (!PATH.matcher(name).matches() || name.lastIndexOf('.') < name.lastIndexOf('/')) {
            throw notFound(path);
        }
        Representation known = files.get(name);
        if (known == null) {
            known = read(name).orElseThrow(() -> notFound(path));
            files.put(name, known);
        }
        return known;
    }

    private Optional<Representation> read(String name) {
        URL url = loader.getResource(folder + name);
        if (url == null) {
            return Optional.empty();
        }
        try {
            if (isFolder(url)) {
                return Optional.empty();
            }
            try (InputStream in = url.openStream()) {
                return Optional.of(new Representation(
                        new Answer(HttpResponseStatus.OK, type(name), in.readAllBytes(), headers(name))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not read " + url, e);
        }
    }

    private static Map<String, String> headers(String name) {
        return Map.of(
                "cache-control",
                name.startsWith(HASHED) ? "public, max-age=31536000, immutable" : "no-cache",
                "content-security-policy",
                "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:");
    }

    /** A folder of the class path can be opened like a file, and gives a list of what it holds. */
    private static boolean isFolder(URL url) throws IOException {
        if (url.getProtocol().equals("file")) {
            try {
                return Files.isDirectory(Path.of(url.toURI()));
            } catch (URISyntaxException e) {
                throw new IOException(e);
            }
        }
        URLConnection connection = url.openConnection();
        return connection instanceof JarURLConnection jar && jar.getJarEntry().isDirectory();
    }

    private static String type(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(ending, "application/octet-stream");
    }

    private static ProblemException notFound(String path) {
        return ProblemException.notFound("path was '" + path + "' but nothing is there");
    }
}
