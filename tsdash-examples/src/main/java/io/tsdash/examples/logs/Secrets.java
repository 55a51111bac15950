package io.tsdash.examples.logs;

import java.util.regex.Pattern;

/** Takes out of a text what nobody should read there, whoever wrote it: the last of several guards. */
final class Secrets {
    // scheme://user:password@host
    private static final Pattern IN_ADDRESS = Pattern.compile("(://[^/\\s:@\"]*:)[^@\\s\"/]+@");
    private static final String NAME = "(?i)((?:password|passwd|secret|access_token|token|api_?key)";
    // "password": "…", password='…', and within a string of JSON \"password\":\"…\"
    private static final Pattern QUOTED =
            Pattern.compile(NAME + "(?:\\\\?[\"'])?\\s*[=:]\\s*(\\\\?[\"'])).*?(?=(?<!\\\\)\\2|$)", Pattern.MULTILINE);
    private static final Pattern GIVEN = Pattern.compile(NAME + "=)[^\\s\"'\\\\&;,}]+");
    // A colon comes after other words too: "the token: it is too old".
    private static final Pattern SAID = Pattern.compile("(?i)((?:password|passwd|api_?key): )[^\\s\"'\\\\&;,}]+");
    private static final Pattern AUTHORIZATION =
            Pattern.compile("(?i)(authorization(?:\\\\?[\"'])?\\s*[:=]\\s*(?:\\\\?[\"'])?(?:\\w+ )?)[\\w.~+/=-]+");
    private static final Pattern BEARER = Pattern.compile("(?i)(bearer )[\\w.~+/=-]+");
    // A JWT: header and claims are JSON, so both begin with the base64 of an opening brace.
    private static final Pattern JWT = Pattern.compile("eyJ[\\w-]+\\.eyJ[\\w-]+(\\.[\\w-]*)?");

    private Secrets() {}

    /** Returns the text with stars in their place. */
    static String masked(String text) {
        String masked = IN_ADDRESS.matcher(text).replaceAll("$1***@");
        masked = AUTHORIZATION.matcher(masked).replaceAll("$1***");
        masked = QUOTED.matcher(masked).replaceAll("$1***");
        masked = GIVEN.matcher(masked).replaceAll("$1***");
        masked = SAID.matcher(masked).replaceAll("$1***");
        masked = BEARER.matcher(masked).replaceAll("$1***");
        return JWT.matcher(masked).replaceAll("***");
    }
}
