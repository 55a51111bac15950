package io.tsdash.examples.logs;

import java.util.regex.Pattern;

/** Takes out of a line what nobody should read there, whoever wrote it: the last of several guards. */
final class Secrets {
    // scheme://user:password@host
    private static final Pattern IN_ADDRESS = Pattern.compile("(://[^/\\s:@\"]*:)[^@\\s\"/]+@");
    private static final Pattern NAMED =
            Pattern.compile("(?i)((?:password|passwd|secret|access_token|token|api_?key)=)[^\\s\"'&;,}]+");
    private static final Pattern BEARER = Pattern.compile("(?i)(bearer )[\\w.~+/=-]+");
    // A JWT: header and claims are JSON, so both begin with the base64 of an opening brace.
    private static final Pattern JWT = Pattern.compile("eyJ[\\w-]+\\.eyJ[\\w-]+(\\.[\\w-]*)?");

    private Secrets() {}

    /** Returns the line with stars in their place; JSON stays JSON. */
    static String masked(String line) {
        String masked = IN_ADDRESS.matcher(line).replaceAll("$1***@");
        masked = NAMED.matcher(masked).replaceAll("$1***");
        masked = BEARER.matcher(masked).replaceAll("$1***");
        return JWT.matcher(masked).replaceAll("***");
    }
}
