package io.nattrail.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: enough to reproduce a finding. */
public final class VersionFacts implements IVersionProvider {
    /** Version of NatTrail; {@code development} when it does not run from its jar. */
    static String version() {
        String version = VersionFacts.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** Day of the sources, as in {@code 2026-11-24}: that of their commit, or of the release where they are not from git. */
    static String date() {
        return sources().getProperty("time", "").split("T")[0];
    }

    @Override
    public String[] getVersion() {
        Properties sources = sources();
        String commit = sources.getProperty("commit", "");
        return new String[] {
            "nattrail " + version() + (commit.isEmpty() ? "" : ", commit " + commit + " of " + sources.getProperty("time")),
            "Java " + System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ", "
                    + System.getProperty("java.vm.name") + ")",
            System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"),
        };
    }

    /** Written by the build; absent where an IDE built without Maven. */
    private static Properties sources() {
        Properties properties = new Properties();
        try (InputStream in = VersionFacts.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
