package io.tsdash.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the documents to the code: Java in them is compiled elsewhere, and their links lead somewhere. */
class DocumentedCodeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path RECIPES = Path.of("src/main/java/io/tsdash/examples/recipes");
    private static final Pattern JAVA_BLOCK =
            Pattern.compile("^```java\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)\\s]*)?\\)");

    @Test
    void everyJavaBlockOfADocumentStandsInARecipe() {
        List<List<String>> recipes =
                files(RECIPES, ".java").map(DocumentedCodeTest::lines).toList();
        int blocks = 0;
        for (Path document : documents()) {
            Matcher block = JAVA_BLOCK.matcher(text(document));
            while (block.find()) {
                blocks++;
                List<String> code = lines(block.group(1));
                assertThat(code).isNotEmpty();
                assertThat(recipes)
                        .as(
                                "%s: the lines of this block stand in no recipe, one after the other:%n%s",
                                document, block.group(1))
                        .anyMatch(recipe -> Collections.indexOfSubList(recipe, code) >= 0);
            }
        }
        assertThat(blocks).as("Java blocks in README.md and docs").isPositive();
    }

    @Test
    void everyRelativeLinkOfADocumentLeadsToAFile() {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            Matcher link = LINK.matcher(text(document));
            while (link.find()) {
                String target = link.group(1);
                if (target.contains("://")) {
                    continue;
                }
                links++;
                if (!Files.exists(document.resolveSibling(target))) {
                    broken.add(document.getFileName() + " links to " + target);
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).as("relative links in README.md and docs").isPositive();
    }

    private static List<Path> documents() {
        return Stream.of(
                        Stream.of(ROOT.resolve("README.md")),
                        files(ROOT.resolve("docs"), ".md"),
                        files(ROOT.resolve("docs/stores"), ".md"))
                .flatMap(each -> each)
                .toList();
    }

    private static Stream<Path> files(Path folder, String ending) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        return lines(text(file));
    }

    /** The lines without indentation; blank lines say nothing. */
    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
