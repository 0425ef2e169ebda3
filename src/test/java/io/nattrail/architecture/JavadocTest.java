package io.nattrail.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Javadoc that is published with the jar can be made: no broken reference, no broken markup. */
class JavadocTest {
    @TempDir
    private Path folder;

    @Test
    void javadocIsWithoutErrors() {
        ToolProvider javadoc = ToolProvider.findFirst("javadoc").orElse(null);
        Assumptions.assumeTrue(javadoc != null, "this Java has no javadoc tool");
        StringWriter output = new StringWriter();

        int status = javadoc.run(new PrintWriter(output), new PrintWriter(output), "-d", folder.toString(), "-sourcepath", "src/main/java",
                "-subpackages", "io.nattrail", "-Xdoclint:all,-missing", "-quiet", "-noindex", "-notree", "-nohelp", "-encoding", "UTF-8",
                "-classpath", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));

        assertThat(status).as(output.toString()).isZero();
    }
}
