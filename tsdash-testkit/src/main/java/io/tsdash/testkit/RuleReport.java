package io.tsdash.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Writes what became of each rule to {@code target/store-rules/<test class>}, a line a test: rule, result and test, with tabs between.
 *
 * <p>A store that declares no pre-computed bars has {@code none} for what is about them: such a test has nothing to look at.
 * From those files the project makes its table of rules by stores; of a test that ran twice the last line holds.
 */
final class RuleReport implements TestWatcher, BeforeAllCallback {
    private static final Path FOLDER = Path.of("target", "store-rules");
    private static final Pattern RULE = Pattern.compile("\\bS\\d+\\b");
    private static final String PRECOMPUTED = "S13";

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Files.createDirectories(FOLDER);
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        report(context, isAboutNothing(context) ? "none" : "passed");
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        report(context, "failed");
    }

    @Override
    public void testAborted(ExtensionContext context, Throwable cause) {
        report(context, "skipped");
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        report(context, "skipped");
    }

    private static boolean isAboutNothing(ExtensionContext context) {
        StoreUnderTest test = (StoreUnderTest) context.getRequiredTestInstance();
        return names(context).contains(PRECOMPUTED)
                && test.store().capabilities().precomputed().isEmpty();
    }

    /** Of a parameterized test the name of the whole may say it, or that of the one run. */
    private static String names(ExtensionContext context) {
        return context.getDisplayName()
                + ' '
                + context.getParent().map(ExtensionContext::getDisplayName).orElse("");
    }

    private static void report(ExtensionContext context, String result) {
        Matcher rules = RULE.matcher(names(context));
        StringBuilder lines = new StringBuilder();
        while (rules.find()) {
            lines.append(rules.group())
                    .append('\t')
                    .append(result)
                    .append('\t')
                    .append(context.getUniqueId())
                    .append('\n');
        }
        try {
            Files.writeString(
                    file(context),
                    lines,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(ExtensionContext context) {
        return FOLDER.resolve(context.getRequiredTestClass().getSimpleName());
    }
}
