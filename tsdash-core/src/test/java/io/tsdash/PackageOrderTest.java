package io.tsdash;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackageOrderTest {
    /** Base first: a package imports only those before it. */
    private static final List<String> ORDER = List.of(
            "error",
            "time",
            "model",
            "orders",
            "resilience",
            "trace",
            "batch",
            "window",
            "source",
            "bus",
            "aggregation",
            "store",
            "cache",
            "delta",
            "distribution",
            "relay",
            "client",
            "spi",
            "pipeline");

    @Test
    void aPackageImportsOnlyThoseBeforeIt() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.tsdash");
        for (int i = 0; i < ORDER.size(); i++) {
            String[] later = ORDER.subList(i + 1, ORDER.size()).stream()
                    .map(name -> "io.tsdash." + name + "..")
                    .toArray(String[]::new);
            if (later.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage("io.tsdash." + ORDER.get(i) + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(later)
                        .allowEmptyShould(true) // a package may still be empty
                        .check(classes);
            }
        }
    }

    @Test
    void onlyThePackageTimeReadsTheClocksOfTheMachine() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.tsdash");
        noClasses()
                .that()
                .resideOutsideOfPackage("io.tsdash.time..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(classes);
    }
}
